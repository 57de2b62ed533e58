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
    let valgrind = system::need("valgrind", "valgrind")?;
    let program = build()?;
    let lines = times(&program, options)?;
    let subjects = lines.lines().filter_map(|line| line.split(' ').next());
    let mut report = Report {
        path: cmd::target().join("bench/middleware.md"),
        text: String::new(),
    };
    report.add(&table_of_times(&lines))?;
    report.add("\n| behind | instructions per call | ratio |\n|---|---|---|\n")?;
    let mut bare = None;
    for subject in subjects {
        let per_call = instructions(&program, &valgrind, subject)?;
        let ratio = per_call / *bare.get_or_insert(per_call);
        report.add(&format!("| {subject} | {per_call:.0} | {ratio:.3} |\n"))?;
    }
    println!("\nreport: {}", report.path.display());
    Ok(())
}

/// What is known so far. It is shown and written as it comes, for all of it takes
/// minutes.
struct Report {
    path: PathBuf,
    text: String,
}

impl Report {
    fn add(&mut self, text: &str) -> Result<()> {
        print!("{text}");
        self.text.push_str(text);
        fs::write(&self.path, &self.text).context("the report cannot be written")
    }
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
    let rounds = if options.quick { QUICK_ROUNDS } else { ROUNDS };
    command.args(["--rounds", &rounds.to_string()]);
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

/// The instructions of one call.
fn instructions(program: &Path, valgrind: &Path, subject: &str) -> Result<f64> {
    let [short, long] = CALLS;
    let difference = count(program, valgrind, subject, long)?
        .saturating_sub(count(program, valgrind, subject, short)?);
    Ok(difference as f64 / (long - short) as f64)
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
