//! A table of rules on a page, held against the tests and renewed.

use std::fmt::Write as _;
use std::{env, fs};

use crate::sources::Tests;

const BEGIN: &str = "<!-- rules -->\n";
const END: &str = "<!-- end -->";

/// What a rule says, and the tests that hold it.
type Rule = (&'static str, &'static [&'static str]);

/// Chapters with their rules.
pub(crate) type Chapters = &'static [(&'static str, &'static [Rule])];

/// A page with a table between two marks.
pub(crate) struct Page {
    /// Where it is, as seen from the root.
    pub(crate) path: &'static str,
    /// What stands before the name of a chapter.
    pub(crate) heading: &'static str,
    /// Where the tests are that are meant if several have the same name.
    pub(crate) home: &'static str,
}

impl Page {
    /// Holds that the table is the one of these chapters, or makes it so
    /// (`cargo xtask bless`).
    pub(crate) fn hold(&self, chapters: &[Chapters], tests: &Tests) {
        let path = format!("../../{}", self.path);
        let text = fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        let table = self.table(chapters, tests);
        let renewed = format!("{before}{BEGIN}{table}\n{END}{after}");
        if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            fs::write(path, &renewed).unwrap();
            return;
        }
        assert!(
            text == renewed,
            "run `cargo xtask bless`: {} is not what is tested",
            self.path
        );
    }

    fn table(&self, chapters: &[Chapters], tests: &Tests) -> String {
        let mut text = String::new();
        for (chapter, rules) in chapters.iter().copied().flatten() {
            let heading = self.heading;
            write!(
                text,
                "\n{heading} {chapter}\n\n| rule | held by |\n|---|---|\n"
            )
            .unwrap();
            for (rule, held_by) in *rules {
                assert!(!held_by.is_empty(), "nothing holds `{rule}`");
                let links = held_by.iter().map(|test| self.link(tests, rule, test));
                let links = links.collect::<Vec<_>>().join("<br>");
                writeln!(text, "| {rule} | {links} |").unwrap();
            }
        }
        text
    }

    fn link(&self, tests: &Tests, rule: &str, test: &str) -> String {
        let (name, part) = test.split_once('@').unwrap_or((test, ""));
        let mut files = tests.named(name, part);
        if files.len() > 1 && part.is_empty() {
            files.retain(|file| file.starts_with(self.home));
        }
        let [file] = &files[..] else {
            panic!("the rule `{rule}` is held by `{test}`, which is in {files:?}: name one test");
        };
        format!("[`{name}`](../{file})")
    }
}

/// Holds that each of these tests is in a row.
pub(crate) fn hold_named(tests: &[String], chapters: &[Chapters]) {
    let chapters = chapters.iter().copied().flatten();
    let named: Vec<_> = chapters.flat_map(|(_, rules)| *rules).collect();
    for test in tests {
        let is_named = named.iter().any(|(_, names)| {
            let mut names = names.iter().map(|name| name.split('@').next());
            names.any(|name| name == Some(test))
        });
        assert!(is_named, "`{test}` is in no row of rules.rs");
    }
}
