//! The tables of rules in the chapters on safe hands: which tests hold each of them.
//!
//! Each part keeps its rules beside its tests. A test that is renamed, gone, or in no row is missed
//! here; `cargo xtask bless` renews the pages.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../attacks/rules.rs"]
mod attacks;
#[path = "../code/rules.rs"]
mod code;
#[path = "../fetch/rules.rs"]
mod fetch;
#[path = "../files/rules.rs"]
mod files;
#[path = "../../../auth/tests/rules/sources.rs"]
mod sources;
#[path = "../../../auth/tests/rules/table.rs"]
mod table;
#[path = "../wasm/rules.rs"]
mod wasm;

use sources::Tests;
use table::{Chapters, Page, hold_named};

/// Pages, the rules on them, and the folders whose tests are all in a row.
const PARTS: &[(&str, &[Chapters], &[&str])] = &[
    (
        "docs/urls.md",
        &[fetch::CHAPTERS],
        &["crates/guard/tests/fetch/"],
    ),
    (
        "docs/files.md",
        &[files::CHAPTERS],
        &["crates/guard/tests/files/"],
    ),
    (
        "docs/code.md",
        &[code::CHAPTERS, attacks::CHAPTERS, wasm::CHAPTERS],
        &[
            "crates/guard/tests/code/",
            "crates/guard/tests/attacks/",
            "crates/guard/tests/wasm/",
        ],
    ),
];

#[test]
fn the_tables_of_rules_are_up_to_date() {
    let tests = Tests::find();
    for (path, chapters, places) in PARTS {
        let page = Page {
            path,
            heading: "###",
            home: places[0],
        };
        page.hold(chapters, &tests);
        for place in *places {
            let inside = tests.inside(place);
            assert!(!inside.is_empty(), "{place} has no tests");
            hold_named(&inside, chapters);
        }
    }
}
