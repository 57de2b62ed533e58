//! `cargo xtask load`: what a server has to hold, measured on a server built for
//! release. The programs are in `tests/load`.

use std::process::Command;

use clap::Args;

use crate::failure::{Failure, Result};
use crate::{cmd, system};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How long each pressure lasts; rates and numbers of clients stay.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Only the pressures whose name contains this: steady, overload, streams,
    /// stalled, sessions.
    #[arg(long)]
    only: Option<String>,
}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut load = program("report.md", "load")?;
    load.args(["--seconds", &options.seconds.to_string()]);
    if let Some(only) = &options.only {
        load.args(["--only", only]);
    }
    judge(&mut load)
}

/// Builds the programs; the one that makes the load, told where its server is.
pub(crate) fn program(report: &str, run: &str) -> Result<Command> {
    let target = cmd::target().join("load");
    // The allocator of the server builds itself with it.
    system::need("make", "make")?;
    let mut build = cmd::cargo(["build", "--release", "--bins", "--package", "load-tests"]);
    build.args(["--features", "jemalloc"]);
    cmd::run(build.env("CARGO_TARGET_DIR", &target))?;
    let mut load = Command::new(target.join("release/load"));
    load.arg("--report")
        .arg(target.join(report))
        .arg(run)
        .arg("--server")
        .arg(target.join("release/loaded"));
    Ok(load)
}

/// Runs it, and says what a failure means.
pub(crate) fn judge(load: &mut Command) -> Result<()> {
    cmd::run(load).map_err(|_| {
        Failure::new("the server does not hold what it has to")
            .next("read the rows with **no** above, and target/load/release/loaded.log")
    })
}
