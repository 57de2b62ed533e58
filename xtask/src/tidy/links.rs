//! Links between the documents: each leads to a file that is there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cmd;
use crate::failure::{Context, Result};

pub(super) fn check(files: &[PathBuf]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| is_document(file)) {
        let path = cmd::root().join(file);
        let text =
            fs::read_to_string(&path).context(format_args!("cannot read {}", file.display()))?;
        let dir = path.parent().unwrap_or(Path::new(""));
        for target in targets(&text) {
            if !dir.join(target).exists() {
                problems.push(format!(
                    "{}: the link to `{target}` leads nowhere",
                    file.display()
                ));
            }
        }
    }
    Ok(problems)
}

/// A Markdown file for readers. Those beside the source are part of the API
/// documentation, whose links rustdoc checks.
fn is_document(file: &Path) -> bool {
    let is_markdown = file.extension().is_some_and(|extension| extension == "md");
    is_markdown && !file.components().any(|part| part.as_os_str() == "src")
}

/// The relative files a Markdown text links to, outside code blocks.
fn targets(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for rest in line.split("](").skip(1) {
            let Some((target, _)) = rest.split_once(')') else {
                continue;
            };
            let target = target.split(['#', ' ']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains(':') {
                found.push(target);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_files_are_found_and_the_rest_is_not() {
        let text =
            "[a](docs/a.md#part) [b](https://x.y) [c](#here)\n```\n[d](d.md)\n```\n[e](e.md)";
        assert_eq!(targets(text), ["docs/a.md", "e.md"]);
    }
}
