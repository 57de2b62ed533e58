//! The table of rules in the chapter.

use std::fs;
use std::path::Path;

/// Names of tests in the table: `module::test`.
fn named(chapter: &str) -> Vec<(String, String)> {
    let (_, table) = chapter.split_once("| rule | tests |").unwrap();
    let rows = table.lines().filter(|line| line.starts_with('|'));
    let quoted = rows.flat_map(|row| row.split('`').skip(1).step_by(2).map(str::to_owned));
    let pairs = quoted.filter_map(|it| {
        let (module, test) = it.split_once("::")?;
        Some((module.to_owned(), test.to_owned()))
    });
    pairs.collect()
}

#[test]
fn every_test_in_the_table_of_rules_exists_and_every_test_is_in_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let chapter = fs::read_to_string(root.join("../../docs/urls.md")).unwrap();
    let named = named(&chapter);
    for (module, test) in &named {
        let file = root.join(format!("tests/fetch/{module}.rs"));
        let source = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            source.contains(&format!("fn {test}(")),
            "`{module}::{test}` does not exist"
        );
    }
    for file in fs::read_dir(root.join("tests/fetch")).unwrap() {
        let file = file.unwrap().path();
        let module = file.file_stem().unwrap().to_string_lossy().into_owned();
        let source = fs::read_to_string(&file).unwrap();
        for test in tests(&source) {
            let pair = (module.clone(), test);
            let listed = module == "chapter" || named.contains(&pair);
            assert!(
                listed,
                "`{}::{}` is in no row of docs/urls.md",
                pair.0, pair.1
            );
        }
    }
}

/// The functions that a source has behind `#[test]` or `#[tokio::test…]`.
fn tests(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut marked = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            marked = true;
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| marked) {
            found.push(rest.split('(').next().unwrap_or_default().to_owned());
            marked = false;
        }
    }
    found
}
