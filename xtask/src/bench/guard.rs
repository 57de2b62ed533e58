//! `cargo xtask bench guard`: what safe hands cost beside plain ones.
//!
//! The time that passes, in interleaved rounds of one process: a guarded fetch beside a bare hyper
//! client on loopback, files beside `std::fs`, a run of Python in the box beside a bare process.

use clap::Args;

use super::subjects::{Program, Report};
use crate::cmd;
use crate::failure::Result;
use crate::system;

/// How many rounds there are; the median counts.
const ROUNDS: u32 = 15;
const QUICK_ROUNDS: u32 = 5;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Fewer rounds, rougher figures.
    #[arg(long)]
    quick: bool,
    /// Only `fetch`, `files` or `code`.
    #[arg(long)]
    only: Option<String>,
}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    system::need("python3", "python3")?;
    let program = Program::build("guard", &["guard"])?;
    let rounds = if options.quick { QUICK_ROUNDS } else { ROUNDS };
    let lines = program.times(rounds, options.only.as_deref())?;
    let mut report = Report::new(cmd::target().join("bench/guard.md"));
    report.add(
        "# What safe hands cost\n\nMicroseconds that pass, medians of interleaved rounds; what is \
         added and the ratio are medians within a round.\n\n\
         | measured | plain | safe | added | ratio |\n|---|---|---|---|---|\n",
    )?;
    for line in lines.lines() {
        report.add(&format!("| {} |\n", line.replace(' ', " | ")))?;
    }
    report.done();
    Ok(())
}
