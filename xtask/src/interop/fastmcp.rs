//! The command line of FastMCP.

use std::process::Command;
use std::time::Duration;

use crate::cmd::{self, Output};
use crate::failure::Result;
use crate::tools::Python;

use super::cells::{Cells, Verdict, expect, tail};
use super::example::{Example, Target};

/// One call: its words beside the server, whether it succeeds, and a text its
/// answer must hold.
struct Call {
    name: &'static str,
    arguments: &'static [&'static str],
    succeeds: bool,
    answer: &'static str,
}

const QUICKSTART: [Call; 5] = [
    Call {
        name: "everything is listed",
        arguments: &["list", "--json", "--resources", "--prompts"],
        succeeds: true,
        answer: "data://stats",
    },
    Call {
        name: "add returns the sum",
        arguments: &[
            "call",
            "--json",
            "--target=add",
            r#"--input-json={"a":19,"b":23}"#,
        ],
        succeeds: true,
        answer: "42",
    },
    Call {
        name: "boom is an error result",
        arguments: &["call", "--json", "--target=boom"],
        succeeds: false,
        answer: r#""is_error": true"#,
    },
    Call {
        name: "data://stats is read",
        arguments: &["call", "--json", "--target=data://stats"],
        succeeds: true,
        answer: "data://stats",
    },
    Call {
        name: "ask is filled in",
        arguments: &[
            "call",
            "--prompt",
            "--target=ask",
            r#"--input-json={"topic":"purlins"}"#,
        ],
        succeeds: true,
        answer: "purlins",
    },
];

const PLATFORM: [Call; 1] = [Call {
    name: "the mounted tools are listed",
    arguments: &["list", "--json"],
    succeeds: true,
    answer: "weather_current",
}];

pub(super) fn drive(
    python: &Python,
    example: &Example,
    target: &Target,
    cells: &mut Cells,
) -> Result<()> {
    cells.group(format!(
        "fastmcp, {} over {}",
        example.name,
        target.transport()
    ));
    let calls = if example.name == "quickstart" {
        &QUICKSTART[..]
    } else {
        &PLATFORM[..]
    };
    for call in calls {
        let output = cmd::capture(&mut command(python, call, target), Duration::from_secs(60))?;
        cells.add(call.name, judge(call, &output));
    }
    Ok(())
}

fn command(python: &Python, call: &Call, target: &Target) -> Command {
    let mut command = python.program("fastmcp");
    // A directory without configuration files, which it would pick up.
    command
        .current_dir(cmd::target().join("tools"))
        .args(call.arguments);
    match target {
        Target::Http(url) => {
            command.arg(url);
        }
        Target::Stdio(words) => {
            command.arg("--command").arg(words.join(" "));
        }
    }
    command
}

fn judge(call: &Call, output: &Output) -> Verdict {
    let right = (output.code == Some(0)) == call.succeeds && output.stdout.contains(call.answer);
    expect(right, || {
        format!(
            "exit code {:?}, stdout {}, stderr {}",
            output.code,
            output.stdout.trim(),
            tail(&output.stderr)
        )
    })
}
