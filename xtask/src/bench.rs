//! `cargo xtask bench`: builds and runs the package in `tests/bench`.
//!
//! That package is a workspace of its own, so that the servers it compares with
//! stay out of ours. What compiling costs is measured from here, in
//! [`compile`]; what middleware costs, in [`middleware`]; what knowing the caller costs,
//! in [`auth`]; what safe hands cost, in [`guard`].

mod auth;
mod compile;
mod guard;
mod middleware;
mod subjects;

use clap::{Args, Subcommand};

use crate::cmd;
use crate::failure::Result;
use crate::system;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    measure: Option<Measure>,
    /// Fewer and shorter rounds: a few minutes, rougher figures.
    #[arg(long)]
    quick: bool,
    /// Only the measures whose name contains this, for example `stdio`.
    #[arg(long)]
    only: Option<String>,
    /// Let the scheduler place the load too; otherwise it has a processor of
    /// its own.
    #[arg(long)]
    spread: bool,
}

#[derive(Debug, Subcommand)]
enum Measure {
    /// What compiling 200 tools costs, beside the official Rust SDK.
    Compile(compile::Options),
    /// What verifying the token of a caller adds to a call.
    Auth(auth::Options),
    /// What safe hands cost beside plain ones: fetches, files, runs of code.
    Guard(guard::Options),
    /// What each middleware adds to a call, and what the production stack does.
    Middleware(middleware::Options),
}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    match &options.measure {
        Some(Measure::Compile(options)) => compile::run(options),
        Some(Measure::Auth(options)) => auth::run(options),
        Some(Measure::Guard(options)) => guard::run(options),
        Some(Measure::Middleware(options)) => middleware::run(options),
        None => servers(options),
    }
}

fn servers(options: &Options) -> Result<()> {
    let valgrind = system::need("valgrind", "valgrind")?;
    let bench = cmd::root().join("tests/bench");
    let target = cmd::target().join("bench");
    let mut build = cmd::cargo(["build", "--release", "--bins"]);
    cmd::run(build.current_dir(&bench).env("CARGO_TARGET_DIR", &target))?;
    let mut bench = std::process::Command::new(target.join("release/bench"));
    bench
        .arg("--report")
        .arg(target.join("report.md"))
        .arg("--valgrind")
        .arg(valgrind);
    if options.quick {
        bench.arg("--quick");
    }
    if options.spread {
        bench.arg("--spread");
    }
    if let Some(only) = &options.only {
        bench.args(["--only", only]);
    }
    cmd::run(&mut bench)?;
    println!("report: {}", target.join("report.md").display());
    Ok(())
}
