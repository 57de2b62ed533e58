//! `cargo xtask ci`: everything a change must pass, the quick checks first.

use std::process::Command;

use clap::Args;

use crate::cmd;
use crate::codegen;
use crate::failure::{Failure, Result};
use crate::fuzz;
use crate::ide;
use crate::metadata::Metadata;
use crate::system;
use crate::tally::Tally;
use crate::test;
use crate::tidy;

/// A name and what runs under it.
type Step = (&'static str, fn() -> Result<()>);

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The quick checks alone: no suites.
    #[arg(long)]
    no_test: bool,
}

/// The command itself. A failed step does not hide what the next ones say.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut tally = Tally::default();
    let steps: [Step; 7] = [
        ("format", format),
        ("lints", lints),
        ("each feature alone", features),
        ("documentation", documentation),
        ("golden files", codegen::check),
        ("tidy", tidy::run),
        ("rust-analyzer on the examples", ide::run),
    ];
    let suites: &[Step] = if options.no_test {
        &[]
    } else {
        &[("fuzzing", fuzz::ci)]
    };
    let mut failed = Vec::new();
    for (name, step) in steps.iter().chain(suites) {
        let outcome = step();
        tally.count(outcome.is_ok());
        if let Err(failure) = outcome {
            println!("{failure}");
            failed.push(*name);
        }
    }
    if !options.no_test {
        tally += test::suites(&test::Options::default());
    }
    for name in failed {
        println!("FAILED {name}");
    }
    test::close(tally)
}

fn format() -> Result<()> {
    cmd::run(&mut cmd::cargo(["fmt", "--all", "--check"]))
        .map_err(|failure| failure.next("run `cargo fmt --all`"))?;
    // These are workspaces of their own.
    for package in ["tests/bench", "tests/fuzz"] {
        let manifest = format!("--manifest-path={package}/Cargo.toml");
        cmd::run(&mut cmd::cargo(["fmt", &manifest, "--check"]))
            .map_err(|failure| failure.next(format!("run `cargo fmt` in {package}")))?;
    }
    Ok(())
}

fn lints() -> Result<()> {
    // With all features the platform has an allocator that builds itself with it.
    system::need("make", "make")?;
    cmd::run(&mut cmd::cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "--deny=warnings",
    ]))
}

/// Checks each crate without features, and with each feature alone. What does not
/// build does not hide what else does not.
fn features() -> Result<()> {
    let metadata = Metadata::load()?;
    let mut failed = Vec::new();
    for package in metadata.members() {
        if package.features.is_empty() {
            continue;
        }
        let features = package.features.iter().map(String::as_str);
        let features = features.filter(|feature| *feature != "default");
        for feature in std::iter::once(None).chain(features.map(Some)) {
            if let Err(failure) = run_quietly(&mut check(&package.name, feature)) {
                println!("{failure}");
                failed.push(named(&package.name, feature));
            }
        }
    }
    closed(&failed)
}

/// A package with the one feature it was built with.
fn named(package: &str, feature: Option<&str>) -> String {
    match feature {
        Some(feature) => format!("{package} with `{feature}`"),
        None => format!("{package} without features"),
    }
}

fn closed(failed: &[String]) -> Result<()> {
    match failed {
        [] => Ok(()),
        failed => Err(Failure::new(format!(
            "these do not build:\n- {}",
            failed.join("\n- ")
        ))),
    }
}

fn check(package: &str, feature: Option<&str>) -> Command {
    let mut command = cmd::cargo(["check", "--package", package, "--no-default-features"]);
    if let Some(feature) = feature {
        command.args(["--features", feature]);
    }
    command
}

/// As [`cmd::run`]: the many feature builds say one line each.
fn run_quietly(command: &mut Command) -> Result<()> {
    cmd::run(command.arg("--quiet"))
}

fn documentation() -> Result<()> {
    let mut command = cmd::cargo(["doc", "--workspace", "--no-deps", "--all-features"]);
    cmd::run(command.env(
        "RUSTDOCFLAGS",
        format!("{} --deny=warnings", flags("RUSTDOCFLAGS")),
    ))
}

/// The flags this environment already asks for.
fn flags(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_does_not_build_is_named() {
        assert!(closed(&[]).is_ok());
        let failed = [named("one", None), named("two", Some("http"))];
        let text = closed(&failed).unwrap_err().to_string();
        assert!(text.contains("- one without features"), "{text}");
        assert!(text.contains("- two with `http`"), "{text}");
    }
}
