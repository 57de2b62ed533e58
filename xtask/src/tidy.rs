//! `cargo xtask tidy`: the rules of the house that no compiler knows.

mod layers;
mod licences;
mod links;
mod text;
mod unsafe_code;

use std::path::PathBuf;
use std::process::Command;

use crate::cmd;
use crate::failure::{Context, Failure, Result};
use crate::metadata::Metadata;

pub(crate) use self::layers::tree;

/// The command itself: every rule runs, then the verdict.
pub(crate) fn run() -> Result<()> {
    cmd::step("tidy");
    let metadata = Metadata::load()?;
    let files = files()?;
    let mut problems = Vec::new();
    problems.extend(layers::check(&metadata)?);
    problems.extend(licences::check(&metadata));
    problems.extend(text::check(&files)?);
    problems.extend(links::check(&files)?);
    problems.extend(unsafe_code::check(&files)?);
    for problem in &problems {
        println!("FAILED {problem}");
    }
    text::report(&files)?;
    if problems.is_empty() {
        println!("tidy: {} files, no complaint", files.len());
        return Ok(());
    }
    Err(Failure::new(format!("tidy: {} complaints", problems.len())))
}

/// The files of the workspace, relative to its root: what is committed or would
/// be.
pub(crate) fn files() -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ])
        .current_dir(cmd::root())
        .output()
        .context("cannot start `git ls-files`")?;
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let files = listed
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from);
    let mut files: Vec<_> = files
        .filter(|file| cmd::root().join(file).is_file())
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}
