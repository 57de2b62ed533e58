//! The tests of the workspace, by name.

use std::fs;
use std::path::Path;

/// Every test with the file it is in, as seen from the root.
pub(crate) struct Tests(Vec<(String, String)>);

impl Tests {
    pub(crate) fn find() -> Self {
        let mut tests = Vec::new();
        for place in ["crates", "examples", "tests"] {
            look(&Path::new("../..").join(place), &mut tests);
        }
        Self(tests)
    }

    /// The files with a test of this name, whose path has this part.
    pub(crate) fn named(&self, name: &str, part: &str) -> Vec<&str> {
        let named = self
            .0
            .iter()
            .filter(|(test, file)| test == name && file.contains(part));
        named.map(|(_, file)| &**file).collect()
    }

    /// The tests in a file, or below a folder.
    pub(crate) fn inside(&self, place: &str) -> Vec<String> {
        let inside = self.0.iter().filter(|(_, file)| file.starts_with(place));
        inside.map(|(test, _)| test.clone()).collect()
    }
}

fn look(directory: &Path, tests: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let is_product = path.ends_with("target") || path.ends_with("node_modules");
        if path.is_dir() && !is_product {
            look(&path, tests);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.strip_prefix("../..").unwrap().to_str().unwrap();
            let names = names(&fs::read_to_string(&path).unwrap());
            tests.extend(
                names
                    .into_iter()
                    .map(|name| (name, file.replace('\\', "/"))),
            );
        }
    }
}

/// The functions behind `#[test]` and `#[tokio::test]`, in `proptest!` too.
fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        }
        let function = line
            .strip_prefix("fn ")
            .or_else(|| line.strip_prefix("async fn "));
        if let Some(function) = function.filter(|_| is_test) {
            let end = function.find(|c: char| !c.is_alphanumeric() && c != '_');
            names.extend(
                function
                    .get(..end.unwrap_or(function.len()))
                    .map(str::to_owned),
            );
            is_test = false;
        }
    }
    names
}

#[test]
fn tests_are_found_by_their_attributes() {
    let text = "\
        #[test]\nfn one() {}\nfn none() {}\n    #[tokio::test(start_paused = true)]\n    \
        #[cfg(unix)]\n    async fn two() {}\n";
    assert_eq!(names(text), ["one", "two"]);
}
