//! `cargo xtask test`: every suite there is, and one closing line.

use clap::{Args, ValueEnum};

use crate::cmd;
use crate::conformance;
use crate::failure::{Failure, Result};
use crate::interop;
use crate::services;
use crate::system;
use crate::tally::Tally;

/// Which suites to run.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Only this suite; may be repeated.
    #[arg(long, value_enum)]
    only: Vec<Suite>,
}

/// The suites, in the order they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// Unit, behaviour, ui and documentation tests: what `cargo test` runs.
    Cargo,
    /// The server, client and authorization scenarios of the official conformance suite.
    Conformance,
    /// The example servers under the official clients.
    Interop,
}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    close(suites(options))
}

/// Prints the closing line, on a line of its own, and turns it into an outcome.
pub(crate) fn close(tally: Tally) -> Result<()> {
    println!("\n{tally}");
    if tally.failed == 0 {
        Ok(())
    } else {
        Err(Failure::counted())
    }
}

/// Runs the suites. One that cannot run counts as one failure, so that the
/// others still say what they have to say.
pub(crate) fn suites(options: &Options) -> Tally {
    let mut total = Tally::default();
    let mut summary = Vec::new();
    for suite in [Suite::Cargo, Suite::Conformance, Suite::Interop] {
        if !options.only.is_empty() && !options.only.contains(&suite) {
            continue;
        }
        let tally = match suite {
            Suite::Cargo => cargo(),
            Suite::Conformance => conformance::all(),
            Suite::Interop => interop::all(&interop::Options::default()),
        };
        let tally = tally.unwrap_or_else(|failure| {
            println!("{failure}");
            Tally {
                passed: 0,
                failed: 1,
            }
        });
        summary.push(format!("{suite:?}: {tally}"));
        total += tally;
    }
    println!("\n{}", summary.join("\n"));
    total
}

/// `cargo test`, counting the tests of every binary.
fn cargo() -> Result<Tally> {
    system::interpreters()?;
    let mut tally = run_tests(&["--workspace"])?;
    // What the default features leave out.
    for package in [
        "purlin-http",
        "purlin-client",
        "purlin-guard",
        "purlin-stores",
        "purlin-telemetry",
        "purlin",
    ] {
        tally += run_tests(&["--package", package, "--all-features"])?;
    }
    // The tests start it themselves.
    system::postgresql()?;
    // Its allocator builds itself with it.
    system::need("make", "make")?;
    tally += run_tests(&["--package", "platform", "--all-features"])?;
    Ok(tally)
}

fn run_tests(selection: &[&str]) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut command = cmd::cargo(["test", "--no-fail-fast"]);
    command.args(selection).env("INSTA_UPDATE", "no");
    // The behaviour tests hold every frame against the schemas inside the suite.
    match conformance::schemas() {
        Ok(file) => _ = command.env("PURLIN_MCP_SCHEMAS", file),
        Err(failure) => {
            println!("frames are not held against the official schemas: {failure}");
            tally.failed += 1;
        }
    }
    for (variable, program) in services::all() {
        match program {
            Ok(file) => _ = command.env(variable, file),
            Err(failure) => {
                println!("the tests that need `{variable}` will fail: {failure}");
                tally.failed += 1;
            }
        }
    }
    let succeeded = cmd::tee(&mut command, |line| {
        tally += closing_line(line).unwrap_or_default();
    })?;
    if !succeeded && tally.failed == 0 {
        println!("`cargo test` failed before the tests ran: read the compiler's messages above");
        tally.failed = 1;
    }
    Ok(tally)
}

/// Reads `test result: ok. 12 passed; 0 failed; …`.
fn closing_line(line: &str) -> Option<Tally> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let count = |what: &str| {
        let part = counts
            .split("; ")
            .find_map(|part| part.strip_suffix(what))?;
        part.trim().parse::<usize>().ok()
    };
    Some(Tally {
        passed: count("passed")?,
        failed: count("failed")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_of_a_test_binary_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(
            closing_line(line),
            Some(Tally {
                passed: 12,
                failed: 3
            })
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(closing_line("test a ... ok"), None);
        assert_eq!(closing_line("test result: lost"), None);
    }
}
