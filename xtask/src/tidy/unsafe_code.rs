//! Unsafe code has one place, which is small enough to be read whole.

use std::path::{Path, PathBuf};

use super::text::read;
use crate::failure::Result;

/// The one place.
const PLACE: &str = "crates/sandbox/src/sys.rs";
/// Programs that are shown not to compile.
const FIXTURES: &str = "tests/ui";

/// How unsafe code begins, and what allows it.
const SIGNS: [&str; 7] = [
    "unsafe {",
    "unsafe fn ",
    "unsafe impl",
    "unsafe trait",
    "unsafe extern",
    "#[unsafe(",
    "allow(unsafe_code",
];

pub(super) fn check(files: &[PathBuf]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let own = Path::new(file!());
    let looked_at = |file: &&PathBuf| {
        let code = file.extension().is_some_and(|extension| extension == "rs");
        code && !file.ends_with(PLACE) && !file.starts_with(FIXTURES) && file.as_path() != own
    };
    for file in files.iter().filter(looked_at) {
        for (number, line) in read(file)?.lines().enumerate() {
            if is_unsafe(line) {
                let place = format!("{}:{}", file.display(), number + 1);
                problems.push(format!("{place}: unsafe code belongs into {PLACE} alone"));
            }
        }
    }
    Ok(problems)
}

fn is_unsafe(line: &str) -> bool {
    let comment = line.trim_start().starts_with("//");
    !comment && SIGNS.iter().any(|sign| line.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_told_from_talk_about_it() {
        for line in [
            "    unsafe { f() }",
            "unsafe fn f() {}",
            "#![allow(unsafe_code)]",
        ] {
            assert!(is_unsafe(line), "{line}");
        }
        for line in [
            "// unsafe { f() }",
            "#![forbid(unsafe_code)]",
            "let unsafe_call = 1;",
        ] {
            assert!(!is_unsafe(line), "{line}");
        }
    }
}
