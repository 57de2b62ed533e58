//! The table of rules in the documentation: which tests hold each of them.
//!
//! It is written out of [`rules`] and the sources. A test that is renamed or gone is missed here;
//! `cargo xtask bless` renews the page.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod rules;
mod sources;

use std::fmt::Write as _;
use std::{env, fs};

use rules::CHAPTERS;
use sources::Tests;

const PAGE: &str = "../../docs/auth-rules.md";
const BEGIN: &str = "<!-- rules -->\n";
const END: &str = "<!-- end -->";

#[test]
fn the_table_of_rules_is_up_to_date() {
    let text = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let renewed = format!("{before}{BEGIN}{}\n{END}{after}", chapters(&Tests::find()));
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(PAGE, &renewed).unwrap();
        return;
    }
    assert!(
        text == renewed,
        "run `cargo xtask bless`: {PAGE} is not what is tested"
    );
}

fn chapters(tests: &Tests) -> String {
    let mut text = String::new();
    for (chapter, rules) in CHAPTERS {
        write!(text, "\n## {chapter}\n\n| rule | held by |\n|---|---|\n").unwrap();
        for (rule, held_by) in *rules {
            assert!(!held_by.is_empty(), "nothing holds `{rule}`");
            let links = held_by.iter().map(|test| link(tests, rule, test));
            let links = links.collect::<Vec<_>>().join("<br>");
            writeln!(text, "| {rule} | {links} |").unwrap();
        }
    }
    text
}

fn link(tests: &Tests, rule: &str, test: &str) -> String {
    let (name, part) = test.split_once('@').unwrap_or((test, ""));
    let files = tests.named(name, part);
    let [file] = &files[..] else {
        panic!("the rule `{rule}` is held by `{test}`, which is in {files:?}: name one test");
    };
    format!("[`{name}`](../{file})")
}

/// What attackers try is in this table, all of it.
#[test]
fn every_attack_is_in_the_table() {
    let named: Vec<_> = CHAPTERS.iter().flat_map(|(_, rules)| *rules).collect();
    let attacks = Tests::find().in_file("crates/auth/tests/authorization_server/attacks.rs");
    assert!(attacks.len() > 5);
    for attack in attacks {
        let is_named = named.iter().any(|(_, tests)| tests.contains(&&*attack));
        assert!(is_named, "`{attack}` is in no row of rules.rs");
    }
}
