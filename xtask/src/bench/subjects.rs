//! A program of `tests/bench` that measures several subjects: built, timed in
//! interleaved rounds, counted under callgrind.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::cmd;
use crate::failure::{Context, Failure, Result};
use crate::system;

/// What is known so far. It is shown and written as it comes, for all of it takes
/// minutes.
pub(super) struct Report {
    path: PathBuf,
    text: String,
}

impl Report {
    pub(super) fn new(path: PathBuf) -> Self {
        let text = String::new();
        Self { path, text }
    }

    pub(super) fn add(&mut self, text: &str) -> Result<()> {
        print!("{text}");
        self.text.push_str(text);
        fs::write(&self.path, &self.text).context("the report cannot be written")
    }

    pub(super) fn done(&self) {
        println!("\nreport: {}", self.path.display());
    }
}

/// A built program.
pub(super) struct Program {
    name: &'static str,
    path: PathBuf,
    valgrind: PathBuf,
}

impl Program {
    /// Builds what is measured, without the servers that it is not compared with.
    pub(super) fn build(name: &'static str, features: &[&str]) -> Result<Self> {
        let valgrind = system::need("valgrind", "valgrind")?;
        let target = cmd::target().join("bench");
        let mut build = cmd::cargo(["build", "--release", "--no-default-features"]);
        build.args(["--bin", name, "--features", &features.join(",")]);
        cmd::run(
            build
                .current_dir(cmd::root().join("tests/bench"))
                .env("CARGO_TARGET_DIR", &target),
        )?;
        let path = target.join("release").join(name);
        Ok(Self {
            name,
            path,
            valgrind,
        })
    }

    /// A line for each subject, the bare call first.
    pub(super) fn times(&self, rounds: u32, only: Option<&str>) -> Result<String> {
        let mut command = Command::new(&self.path);
        command.args(["--rounds", &rounds.to_string()]);
        if let Some(only) = only {
            command.args(["--only", only]);
        }
        output(&mut command)
    }

    /// The instructions of doing it once: the difference of a longer and a shorter
    /// run, so that starting costs nothing.
    pub(super) fn instructions(&self, subject: &str, [short, long]: [u64; 2]) -> Result<f64> {
        let difference = self
            .count(subject, long)?
            .saturating_sub(self.count(subject, short)?);
        Ok(difference as f64 / (long - short) as f64)
    }

    /// The instructions of a run that does it so often.
    fn count(&self, subject: &str, times: u64) -> Result<u64> {
        let file = format!("bench/callgrind-{}-{subject}-{times}.out", self.name);
        let file = cmd::target().join(file);
        let mut command = Command::new(&self.valgrind);
        command
            .arg("--tool=callgrind")
            .arg(format!("--callgrind-out-file={}", file.display()))
            .arg(&self.path)
            .args(["--rounds", "0", "--only", subject])
            .args(["--calls", &times.to_string()]);
        output(&mut command)?;
        let text = fs::read_to_string(&file).context("callgrind left no result")?;
        fs::remove_file(&file).context("the result of callgrind cannot be removed")?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        total
            .and_then(|total| total.trim().parse().ok())
            .ok_or_else(|| Failure::new("the result of callgrind has no total".to_owned()))
    }
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output().context("cannot start what is measured")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Failure::new(said));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
