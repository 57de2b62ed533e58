//! `cargo xtask bench middleware`: what each middleware adds to a call over the
//! memory transport, and what the whole production stack does.
//!
//! CPU time comes from interleaved rounds in one process, as a multiple of the
//! bare call in the same round; instructions from callgrind, as the difference
//! of two runs of different length, so that starting costs nothing.

use std::fmt::Write as _;

use clap::Args;

use super::subjects::{Program, Report};
use crate::cmd;
use crate::failure::Result;

/// How many calls the two runs under callgrind make. Their counts hardly vary, so
/// that a few calls are enough.
const CALLS: [u64; 2] = [500, 1_500];
/// How many rounds there are of times; the median counts.
const ROUNDS: u32 = 15;
const QUICK_ROUNDS: u32 = 5;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Fewer rounds: instructions are as good, times are rougher.
    #[arg(long)]
    quick: bool,
    /// Only the bare call and this, for example `retry`.
    #[arg(long)]
    only: Option<String>,
}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let program = Program::build("middleware", &[])?;
    let rounds = if options.quick { QUICK_ROUNDS } else { ROUNDS };
    let lines = program.times(rounds, options.only.as_deref())?;
    let subjects = lines.lines().filter_map(|line| line.split(' ').next());
    let mut report = Report::new(cmd::target().join("bench/middleware.md"));
    report.add(&table_of_times(&lines))?;
    report.add("\n| behind | instructions per call | ratio |\n|---|---|---|\n")?;
    let mut bare = None;
    for subject in subjects {
        let per_call = program.instructions(subject, CALLS)?;
        let ratio = per_call / *bare.get_or_insert(per_call);
        report.add(&format!("| {subject} | {per_call:.0} | {ratio:.3} |\n"))?;
    }
    report.done();
    Ok(())
}

fn table_of_times(lines: &str) -> String {
    let mut report = String::from(
        "# What middleware costs\n\nOne call of `add` over the memory transport: CPU time of the \
         process per call, what the middleware adds to the bare call, and the ratio to it. Medians \
         of interleaved rounds.\n\n| behind | ns | added ns | ratio |\n|---|---|---|---|\n",
    );
    for line in lines.lines() {
        let _ = writeln!(report, "| {} |", line.replace(' ', " | "));
    }
    report
}
