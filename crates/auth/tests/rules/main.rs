//! The table of rules in the documentation: which tests hold each of them.
//!
//! It is written out of [`rules`] and the sources. A test that is renamed or gone is missed here;
//! `cargo xtask bless` renews the page.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod rules;
mod sources;
mod table;

use rules::CHAPTERS;
use sources::Tests;
use table::{Page, hold_named};

/// The page, which is a table and nothing else.
const PAGE: Page = Page {
    path: "docs/auth-rules.md",
    heading: "##",
    home: "crates/auth/",
};

#[test]
fn the_table_of_rules_is_up_to_date() {
    PAGE.hold(&[CHAPTERS], &Tests::find());
}

/// What attackers try is in this table, all of it.
#[test]
fn every_attack_is_in_the_table() {
    let attacks = Tests::find().inside("crates/auth/tests/authorization_server/attacks.rs");
    assert!(attacks.len() > 5);
    hold_named(&attacks, &[CHAPTERS]);
}
