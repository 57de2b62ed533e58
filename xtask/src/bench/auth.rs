//! `cargo xtask bench auth`: what knowing the caller adds to a call over HTTP, in
//! memory, and how much of it is the signature alone.
//!
//! CPU time comes from interleaved rounds in one process, as a multiple of
//! `jsonwebtoken` alone and of the bare call in the same round; instructions from
//! callgrind, as the difference of two runs of different length.

use std::path::PathBuf;

use clap::Args;

use super::subjects::{Program, Report};
use crate::failure::Result;

/// How many rounds there are of times; the median counts.
const ROUNDS: u32 = 15;
const QUICK_ROUNDS: u32 = 5;
/// How often the two runs under callgrind do it.
const TIMES: [u64; 2] = [50, 150];

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Fewer rounds: instructions are as good, times are rougher.
    #[arg(long)]
    quick: bool,
    /// Only this and what it is compared with, for example `layer-es256`.
    #[arg(long)]
    only: Option<String>,
}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let program = Program::build("auth", &["auth"])?;
    let rounds = if options.quick { QUICK_ROUNDS } else { ROUNDS };
    let lines = program.times(rounds, options.only.as_deref())?;
    let mut report = Report::new(path());
    report.add(
        "# What knowing the caller costs\n\nCPU time of the process, medians of interleaved \
         rounds; ratios within a round. The bare call is that of `add` over HTTP without a \
         socket, the layer is the same call of a caller whose token is verified.\n\n\
         | measured | ns | of `jsonwebtoken` alone | of the bare call |\n|---|---|---|---|\n",
    )?;
    for line in lines.lines() {
        report.add(&format!("| {} |\n", line.replace(' ', " | ")))?;
    }
    report.add("\n| measured | instructions | of the bare call |\n|---|---|---|\n")?;
    let mut bare = None;
    for subject in lines.lines().filter_map(|line| line.split(' ').next()) {
        let each = program.instructions(subject, TIMES)?;
        let ratio = each / *bare.get_or_insert(each);
        report.add(&format!("| {subject} | {each:.0} | {ratio:.2} |\n"))?;
    }
    report.done();
    Ok(())
}

fn path() -> PathBuf {
    crate::cmd::target().join("bench/auth.md")
}
