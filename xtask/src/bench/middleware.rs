//! `cargo xtask bench middleware`: what each middleware adds to a call over the
//! memory transport, and what the whole production stack does.
//!
//! CPU time comes from interleaved rounds in one process, as a multiple of the
//! bare call in the same round; instructions from callgrind, as the difference
//! of two runs of different length, so that starting costs nothing.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::cmd;
use crate::failure::{Context, Failure, Result};
use crate::system;

/// How many calls the two runs under callgrind make.
const CALLS: [u64; 2] = [500, 2_500];
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many rounds; the median counts.
    #[arg(long, default_value_t = 15)]
    rounds: u32,
    /// Only the bare call and this, for example `retry`.
    #[arg(long)]
    only: Option<String>,
}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let valgrind = system::need("valgrind", "valgrind")?;
    let program = build()?;
    let lines = times(&program, options)?;
    let subjects = lines.lines().filter_map(|line| line.split(' ').next());
    let mut report = table_of_times(&lines);
    report.push_str(&instructions(&program, &valgrind, subjects)?);
    let path = cmd::target().join("bench/middleware.md");
    fs::write(&path, &report).context("the report cannot be written")?;
    println!("{report}\nreport: {}", path.display());
    Ok(())
}

/// Builds what is measured, without the servers that it is not compared with.
fn build() -> Result<PathBuf> {
    let target = cmd::target().join("bench");
    let mut build = cmd::cargo(["build", "--release", "--no-default-features"]);
    build.args(["--bin", "middleware"]);
    cmd::run(
        build
            .current_dir(cmd::root().join("tests/bench"))
            .env("CARGO_TARGET_DIR", &target),
    )?;
    Ok(target.join("release/middleware"))
}

/// A line for each subject, the bare call first.
fn times(program: &Path, options: &Options) -> Result<String> {
    let mut command = Command::new(program);
    command.args(["--rounds", &options.rounds.to_string()]);
    if let Some(only) = &options.only {
        command.args(["--only", only]);
    }
    output(&mut command)
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

fn instructions<'a>(
    program: &Path,
    valgrind: &Path,
    subjects: impl Iterator<Item = &'a str>,
) -> Result<String> {
    let mut report = String::from("\n| behind | instructions per call | ratio |\n|---|---|---|\n");
    let mut bare = None;
    for subject in subjects {
        let [short, long] = CALLS;
        let difference = count(program, valgrind, subject, long)?
            .saturating_sub(count(program, valgrind, subject, short)?);
        let per_call = difference as f64 / (long - short) as f64;
        let ratio = per_call / *bare.get_or_insert(per_call);
        let _ = writeln!(report, "| {subject} | {per_call:.0} | {ratio:.3} |");
    }
    Ok(report)
}

/// The instructions of a run with so many calls.
fn count(program: &Path, valgrind: &Path, subject: &str, calls: u64) -> Result<u64> {
    let file = cmd::target().join(format!("bench/callgrind-{subject}-{calls}.out"));
    let mut command = Command::new(valgrind);
    command
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(program)
        .args(["--rounds", "0", "--only", subject])
        .args(["--calls", &calls.to_string()]);
    output(&mut command)?;
    let text = fs::read_to_string(&file).context("callgrind left no result")?;
    fs::remove_file(&file).context("the result of callgrind cannot be removed")?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    total
        .and_then(|total| total.trim().parse().ok())
        .ok_or_else(|| Failure::new("the result of callgrind has no total".to_owned()))
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output().context("cannot start what is measured")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Failure::new(said));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
