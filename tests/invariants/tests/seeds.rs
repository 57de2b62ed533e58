//! Whatever was once found stays mended: every seed is passed to its target, without libFuzzer.
#![cfg(all(target_os = "linux", feature = "parsers"))]
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use invariants::TARGETS;

/// A test for each target, so that a failure has its name.
macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            hold(stringify!($name));
        })*

        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

targets![
    config,
    envelope,
    fetched_answer,
    http_bytes,
    json_schema,
    jwt,
    mcp_headers,
    path_resolver,
    redirect,
    stored_record,
    uri_template,
    url_guard,
];

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn names(dir: impl AsRef<Path>) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(here().join(dir)).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn hold(name: &str) {
    let target = TARGETS.iter().find(|it| it.name == name).unwrap();
    let seeds = names(Path::new("seeds").join(name));
    assert!(!seeds.is_empty(), "`{name}` has no seeds");
    for seed in seeds {
        let input = fs::read(&seed).unwrap();
        let held = catch_unwind(|| (target.check)(&input));
        assert!(held.is_ok(), "{}: see the panic above", seed.display());
    }
}

fn stems(dir: &str) -> BTreeSet<String> {
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    names(dir).into_iter().map(stem).collect()
}

#[test]
fn every_target_has_seeds_a_test_and_a_program() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|it| it.name.to_owned()).collect();
    assert_eq!(stems("seeds"), targets);
    assert_eq!(
        TESTED
            .iter()
            .map(|it| (*it).to_owned())
            .collect::<BTreeSet<_>>(),
        targets
    );
    let mut programs = stems("../fuzz/src/bin");
    assert!(programs.remove("planted"));
    assert_eq!(programs, targets);
}

/// The table of `docs/contributing.md` names every parser of what comes from outside.
#[test]
fn every_parser_of_the_table_has_its_target() {
    let text = fs::read_to_string(here().join("../../docs/contributing.md")).unwrap();
    let (_, table) = text.split_once("| target | what must hold |").unwrap();
    let rows = table
        .lines()
        .skip(2)
        .map_while(|line| line.strip_prefix("| `"));
    let named: BTreeSet<&str> = rows.map(|row| row.split_once('`').unwrap().0).collect();
    assert_eq!(named, TARGETS.iter().map(|it| it.name).collect());
}
