//! The cells of the interop table: named checks that passed or failed.

use crate::cmd::Output;
use crate::tally::Tally;

/// What a check says when it fails.
pub(super) type Verdict = Result<(), String>;

/// The cells so far.
#[derive(Debug, Default)]
pub(super) struct Cells {
    group: String,
    tally: Tally,
}

impl Cells {
    /// Names the cells to come, for example `python auto, quickstart over http`.
    pub(super) fn group(&mut self, name: impl Into<String>) {
        self.group = name.into();
        println!("\n=> {}", self.group);
    }

    /// Adds a cell.
    pub(super) fn add(&mut self, name: &str, verdict: Verdict) {
        self.tally.count(verdict.is_ok());
        match verdict {
            Ok(()) => println!("  ok     {name}"),
            Err(reason) => println!("  FAILED {name} ({})\n         {reason}", self.group),
        }
    }

    /// Adds a cell for each `ok NAME` and `not ok NAME: REASON` a script printed,
    /// under the last `group NAME`, and one more if it did not reach its end.
    pub(super) fn add_script(&mut self, output: &Output) {
        for line in output.stdout.lines() {
            if let Some(name) = line.strip_prefix("group ") {
                self.group(name);
            } else if let Some(name) = line.strip_prefix("ok ") {
                self.add(name, Ok(()));
            } else if let Some(failure) = line.strip_prefix("not ok ") {
                let (name, reason) = failure.split_once(": ").unwrap_or((failure, ""));
                self.add(name, Err(reason.to_owned()));
            }
        }
        if output.code != Some(0) {
            let verdict = format!("exit code {:?}: {}", output.code, tail(&output.stderr));
            self.add("the script runs to its end", Err(verdict));
        }
    }

    pub(super) fn tally(&self) -> Tally {
        self.tally
    }
}

/// The last lines of a long text.
pub(super) fn tail(text: &str) -> String {
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(6)..].join("\n         ")
}

/// A verdict from a condition.
pub(super) fn expect(condition: bool, found: impl FnOnce() -> String) -> Verdict {
    if condition { Ok(()) } else { Err(found()) }
}
