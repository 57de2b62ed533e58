//! How the text of a file looks: no tabs, no trailing spaces, not too long.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cmd;
use crate::failure::{Context, Result};

/// A Rust file longer than this is reported: does it hold one idea?
const LONG: usize = 300;

pub(super) fn check(files: &[PathBuf]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| is_ours(file)) {
        let text = read(file)?;
        for (number, line) in text.lines().enumerate() {
            if let Some(fault) = fault(line) {
                problems.push(format!("{}:{}: {fault}", file.display(), number + 1));
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            problems.push(format!("{}: no newline at the end", file.display()));
        }
    }
    Ok(problems)
}

/// Prints the longest Rust files.
pub(super) fn report(files: &[PathBuf]) -> Result<()> {
    let mut long = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|e| e == "rs"))
    {
        let lines = read(file)?.lines().count();
        if lines > LONG {
            long.push((lines, file));
        }
    }
    long.sort_by(|a, b| b.cmp(a));
    println!("{} Rust files are longer than {LONG} lines", long.len());
    for (lines, file) in long {
        println!("  {lines:>5} {}", file.display());
    }
    Ok(())
}

/// Written by hand, as opposed to golden files and locks.
fn is_ours(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let extension = file.extension().unwrap_or_default().to_string_lossy();
    name != "package-lock.json"
        && matches!(
            &*extension,
            "rs" | "toml" | "md" | "py" | "mjs" | "json" | "yaml" | "yml"
        )
}

fn fault(line: &str) -> Option<&'static str> {
    if line.contains('\t') {
        return Some("a tab");
    }
    line.ends_with([' ', '\r']).then_some("trailing whitespace")
}

pub(super) fn read(file: &Path) -> Result<String> {
    fs::read_to_string(cmd::root().join(file))
        .context(format_args!("cannot read {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_and_trailing_whitespace_are_faults() {
        assert!(fault("\tx").is_some());
        assert!(fault("x ").is_some());
        assert!(fault("    x").is_none());
    }
}
