//! CPU per call of our client and our server in one process.

use std::process::Command;

use crate::{Effort, Error};

/// Microseconds per call, by era.
pub(crate) type InMemory = Vec<(String, f64)>;

pub(crate) fn run(effort: Effort) -> Result<InMemory, Error> {
    let program = std::env::current_exe()?.with_file_name("memory");
    let calls = effort.rounds * 10_000;
    let output = Command::new(program)
        .args(["--calls", &calls.to_string()])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let line = |line: &str| {
        let (era, microseconds) = line.split_once(' ').ok_or("a line without a figure")?;
        Ok((era.to_owned(), microseconds.parse()?))
    };
    String::from_utf8(output.stdout)?
        .lines()
        .map(line)
        .collect()
}
