//! The command line of FastMCP.

use std::process::Command;
use std::time::Duration;

use crate::cmd::{self, Output};
use crate::failure::Result;
use crate::tools::Python;

use super::cells::{Cells, Verdict, expect, tail};
use super::example::{Example, Target};

/// One call: its words after the server, whether it succeeds, and a text its
/// answer must hold.
struct Call {
    name: &'static str,
    verb: &'static str,
    arguments: &'static [&'static str],
    succeeds: bool,
    answer: &'static str,
}

const QUICKSTART: [Call; 5] = [
    Call {
        name: "everything is listed",
        verb: "list",
        arguments: &["--json", "--resources", "--prompts"],
        succeeds: true,
        answer: "data://stats",
    },
    Call {
        name: "add returns the sum",
        verb: "call",
        arguments: &["add", "a=19", "b=23"],
        succeeds: true,
        answer: "42",
    },
    Call {
        name: "boom fails",
        verb: "call",
        arguments: &["boom"],
        succeeds: false,
        answer: "",
    },
    Call {
        name: "data://stats is read",
        verb: "call",
        arguments: &["data://stats"],
        succeeds: true,
        answer: "",
    },
    Call {
        name: "ask is filled in",
        verb: "call",
        arguments: &["ask", "topic=purlins", "--prompt"],
        succeeds: true,
        answer: "purlins",
    },
];

const PLATFORM: [Call; 1] = [Call {
    name: "the mounted tools are listed",
    verb: "list",
    arguments: &["--json"],
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
        .arg(call.verb);
    match target {
        Target::Http(url) => {
            command.arg(url).args(call.arguments);
        }
        Target::Stdio(words) => {
            command
                .args(call.arguments)
                .arg("--command")
                .arg(words.join(" "));
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
