//! `cargo xtask stats`: the size of the house, as Markdown.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cmd;
use crate::failure::{Context, Result};
use crate::metadata::{Metadata, Package};
use crate::tidy::{files, tree};

/// The command itself.
pub(crate) fn run() -> Result<()> {
    let metadata = Metadata::load()?;
    let files = files()?;
    println!("| package | files | lines | median file | longest | tests | third-party crates |");
    println!("|---|---|---|---|---|---|---|");
    for package in metadata.members() {
        println!("{}", row(package, &files)?);
    }
    let count = |test: fn(&Path) -> bool| files.iter().filter(|file| test(file)).count();
    println!();
    println!("- ui fixtures: {}", count(is_ui_fixture));
    println!("- snapshots: {}", count(|file| has_extension(file, "snap")));
    println!("- documents: {}", count(|file| has_extension(file, "md")));
    println!(
        "- packages in the whole tree: {}",
        metadata.packages().count()
    );
    Ok(())
}

fn row(package: &Package, files: &[PathBuf]) -> Result<String> {
    let mut lengths = Vec::new();
    let mut tests = 0;
    for file in files.iter().filter(|file| has_extension(file, "rs")) {
        let path = cmd::root().join(file);
        if path.starts_with(&package.dir) {
            let text = fs::read_to_string(&path)
                .context(format_args!("cannot read {}", file.display()))?;
            lengths.push(text.lines().count());
            tests += text.lines().filter(|line| is_test(line)).count();
        }
    }
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    let longest = lengths.last().copied().unwrap_or_default();
    let lines: usize = lengths.iter().sum();
    let crates = tree(&package.name)?.len();
    let (name, files) = (&package.name, lengths.len());
    Ok(format!(
        "| {name} | {files} | {lines} | {median} | {longest} | {tests} | {crates} |"
    ))
}

/// `#[test]`, or the attribute of a test of another kind, with or without
/// arguments.
fn is_test(line: &str) -> bool {
    let Some(attribute) = line.trim().strip_prefix("#[") else {
        return false;
    };
    let path = attribute.split(['(', ']']).next().unwrap_or_default();
    path.rsplit("::").next() == Some("test")
}

fn is_ui_fixture(file: &Path) -> bool {
    has_extension(file, "rs") && file.components().any(|part| part.as_os_str() == "ui")
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_test_is_counted() {
        assert!(is_test("    #[test]"));
        assert!(is_test("#[purlin::test(eras)]"));
        assert!(!is_test("#[cfg(test)]"));
        assert!(!is_test("// #[test]"));
    }
}
