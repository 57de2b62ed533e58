//! The command line of the MCP Inspector, strict, in every era mode.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::cmd::{self, Output};
use crate::failure::Result;
use crate::tools::Npm;

use super::cells::{Cells, Verdict, expect, tail};
use super::example::{Example, Target};

const ENTRY: &str = "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js";

/// The exit code for a tool that answers with an error.
const TOOL_ERROR: i32 = 5;

/// One call of the Inspector: its arguments, the exit code it must end with,
/// and a text its answer must hold.
struct Call {
    name: &'static str,
    arguments: &'static [&'static str],
    code: i32,
    answer: &'static str,
}

const QUICKSTART: [Call; 7] = [
    Call {
        name: "tools/list --strict",
        arguments: &["--method", "tools/list", "--strict"],
        code: 0,
        answer: r#""slow""#,
    },
    Call {
        name: "add returns the sum",
        arguments: &[
            "--method",
            "tools/call",
            "--tool-name",
            "add",
            "--tool-args-json",
            r#"{"a":19,"b":23}"#,
        ],
        code: 0,
        answer: "42",
    },
    Call {
        name: "slow ends",
        arguments: &[
            "--method",
            "tools/call",
            "--tool-name",
            "slow",
            "--tool-args-json",
            r#"{"n":2}"#,
        ],
        code: 0,
        answer: r#""content""#,
    },
    Call {
        name: "boom is a tool error",
        arguments: &[
            "--method",
            "tools/call",
            "--tool-name",
            "boom",
            "--tool-args-json",
            "{}",
        ],
        code: TOOL_ERROR,
        answer: r#""isError":true"#,
    },
    Call {
        name: "data://stats is read",
        arguments: &["--method", "resources/read", "--uri", "data://stats"],
        code: 0,
        answer: "data://stats",
    },
    Call {
        name: "the template is listed",
        arguments: &["--method", "resources/templates/list"],
        code: 0,
        answer: "greet://{name}",
    },
    Call {
        name: "ask is filled in",
        arguments: &[
            "--method",
            "prompts/get",
            "--prompt-name",
            "ask",
            "--prompt-args",
            "topic=purlins",
        ],
        code: 0,
        answer: "purlins",
    },
];

const PLATFORM: [Call; 2] = [
    Call {
        name: "tools/list --strict",
        arguments: &["--method", "tools/list", "--strict"],
        code: 0,
        answer: r#""weather_current""#,
    },
    Call {
        name: "weather_current answers",
        arguments: &[
            "--method",
            "tools/call",
            "--tool-name",
            "weather_current",
            "--tool-args-json",
            r#"{"city":"Paris"}"#,
        ],
        code: 0,
        answer: "Paris",
    },
];

pub(super) fn drive(
    npm: &Npm,
    example: &Example,
    target: &Target,
    cells: &mut Cells,
) -> Result<()> {
    let calls = if example.name == "quickstart" {
        &QUICKSTART[..]
    } else {
        &PLATFORM[..]
    };
    for era in ["modern", "legacy", "auto"] {
        cells.group(format!(
            "inspector {era}, {} over {}",
            example.name,
            target.transport()
        ));
        for call in calls {
            let output = cmd::capture(
                &mut command(npm, era, call, target),
                Duration::from_secs(60),
            )?;
            cells.add(call.name, judge(call, &output));
        }
    }
    Ok(())
}

fn command(npm: &Npm, era: &str, call: &Call, target: &Target) -> Command {
    let mut command = npm.node(ENTRY);
    // A home of its own, so that a run neither reads nor writes the user's.
    command
        .env("HOME", npm.dir())
        .env("MCP_INSPECTOR_SECRET_STORE", "memory");
    command.args(["--cli", "--protocol-era", era, "--format", "json", "-q"]);
    if let Target::Http(url) = target {
        command.args(["--server-url", url, "--transport", "http"]);
    }
    command.args(call.arguments);
    if let Target::Stdio(words) = target {
        command.arg("--").args(words);
    }
    command
}

fn judge(call: &Call, output: &Output) -> Verdict {
    let said = || {
        format!(
            "exit code {:?}, stdout {}, stderr {}",
            output.code,
            output.stdout.trim(),
            tail(&output.stderr)
        )
    };
    expect(output.code == Some(call.code), said)?;
    let answer: Value = serde_json::from_str(&output.stdout).map_err(|_| said())?;
    expect(answer.to_string().contains(call.answer), said)
}
