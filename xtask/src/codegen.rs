//! `cargo xtask codegen --check` and `cargo xtask bless`.
//!
//! What the macros and the schema generator produce is kept in golden files:
//! insta snapshots (`*.snap`), the compiler's words for each ui fixture
//! (`*.stderr`), and the tables of options in the documentation. The tests that
//! hold them live in the packages that have them; [`TABLES`] are tests that hold a
//! page alone, in packages without golden files. The engine in `crates/guard` is held against
//! the package it is from.

use std::path::Path;
use std::process::Command;

use clap::Args;

use crate::cmd;
use crate::failure::{Failure, Result};
use crate::metadata::Metadata;
use crate::quickjs;
use crate::tidy::files;

/// Package and test target of tables that are written out of the sources.
const TABLES: [(&str, &str); 2] = [("purlin-auth", "rules"), ("purlin-guard", "rules")];

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Compare, change nothing. The only mode: to rewrite, use `bless`.
    #[arg(long, required = true)]
    check: bool,
}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    debug_assert!(options.check, "clap requires the flag");
    check()
}

/// Fails when a golden file differs from what the code produces now.
pub(crate) fn check() -> Result<()> {
    let packages = holders()?;
    refuse_pending()?;
    quickjs::check()?;
    for mut tests in commands(&packages) {
        cmd::run(tests.env("INSTA_UPDATE", "no").env_remove("TRYBUILD")).map_err(|failure| {
            failure.next("if the change is wanted, run `cargo xtask bless` and read the diff")
        })?;
    }
    Ok(())
}

/// Rewrites the golden files.
pub(crate) fn bless() -> Result<()> {
    for mut tests in commands(&holders()?) {
        cmd::run(
            tests
                .env("INSTA_UPDATE", "always")
                .env("TRYBUILD", "overwrite"),
        )?;
    }
    cmd::run(
        Command::new("git")
            .args(["status", "--short"])
            .current_dir(cmd::root()),
    )?;
    println!("read the difference of the files above before you commit them");
    Ok(())
}

/// The tests of these packages, and those of the tables.
fn commands(packages: &[String]) -> Vec<Command> {
    let mut commands = Vec::new();
    for package in packages {
        let all = ["test", "--package", package, "--tests", "--all-features"];
        commands.push(cmd::cargo(all));
    }
    for (package, target) in TABLES {
        let one = [
            "test",
            "--package",
            package,
            "--test",
            target,
            "--all-features",
        ];
        commands.push(cmd::cargo(one));
    }
    commands
}

/// The packages that hold golden files.
fn holders() -> Result<Vec<String>> {
    let metadata = Metadata::load()?;
    let goldens: Vec<_> = files()?
        .into_iter()
        .filter(|file| is_golden(file))
        .collect();
    let holds = |dir: &Path| {
        goldens
            .iter()
            .any(|file| cmd::root().join(file).starts_with(dir))
    };
    let members = metadata.members();
    Ok(members
        .into_iter()
        .filter(|p| holds(&p.dir))
        .map(|p| p.name.clone())
        .collect())
}

fn is_golden(file: &Path) -> bool {
    file.extension()
        .is_some_and(|extension| extension == "snap" || extension == "stderr")
}

/// A snapshot waiting for review means that a golden file is out of date.
fn refuse_pending() -> Result<()> {
    let pending = files()?
        .into_iter()
        .find(|f| f.to_string_lossy().ends_with(".snap.new"));
    match pending {
        Some(file) => Err(Failure::new(format!("{} waits for review", file.display()))
            .next("run `cargo xtask bless`, or delete it")),
        None => Ok(()),
    }
}
