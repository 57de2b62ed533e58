//! Texts that must not change unseen.

use std::fmt::Display;
use std::path::{Path, PathBuf};

/// Compares a text with the file it was blessed in, relative to the package's directory.
///
/// With `PURLIN_BLESS=1` in the environment the file is written instead; read it before it is
/// committed.
///
/// ```no_run
/// # async fn example(client: purlin_testing::TestClient) {
/// purlin_testing::assert_snapshot("tests/snapshots/catalogue.json", client.catalogue().await);
/// # }
/// ```
///
/// # Panics
/// When the texts differ, or the file is not there or cannot be written.
pub fn assert_snapshot(file: impl AsRef<Path>, text: impl Display) {
    let path = located(file.as_ref());
    let mut text = text.to_string();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    if std::env::var_os("PURLIN_BLESS").is_some_and(|value| value == "1") {
        return bless(&path, &text);
    }
    let hint = "run the test with PURLIN_BLESS=1 to write it, then read it";
    let blessed = match std::fs::read_to_string(&path) {
        // Version control may have changed the line ends.
        Ok(blessed) => blessed.replace("\r\n", "\n"),
        Err(error) => panic!("snapshot {}: {error}; {hint}", path.display()),
    };
    if let Some((line, expected, found)) = first_difference(&blessed, &text) {
        panic!(
            "snapshot {} differs in line {line}; {hint}\n  blessed: {expected}\n  now:     {found}",
            path.display()
        );
    }
}

fn located(file: &Path) -> PathBuf {
    // Cargo says this to the tests it runs.
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(package) => Path::new(&package).join(file),
        None => file.to_owned(),
    }
}

fn bless(path: &Path, text: &str) {
    let written = path
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, text));
    if let Err(error) = written {
        panic!("snapshot {}: {error}", path.display());
    }
}

fn first_difference(blessed: &str, text: &str) -> Option<(usize, String, String)> {
    let (mut old, mut new) = (blessed.lines(), text.lines());
    let end = || "(the end)".to_owned();
    (1..)
        .map_while(|line| match (old.next(), new.next()) {
            (None, None) => None,
            (old, new) => Some((
                line,
                old.map_or_else(end, str::to_owned),
                new.map_or_else(end, str::to_owned),
            )),
        })
        .find(|(_, old, new)| old != new)
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_line_that_differs_is_told() {
        let difference = |old, new| first_difference(old, new).map(|(line, ..)| line);
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(difference("a\nb\n", "a\n"), Some(2));
    }
}
