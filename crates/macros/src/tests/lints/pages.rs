//! Every lint has a page whose examples run, and a line in the index.

use std::fs;

use crate::check::lint::ALL;

const PAGES: &str = "../../docs/lints";

#[test]
fn every_lint_has_a_page_and_every_page_a_lint() {
    let files = fs::read_dir(PAGES).expect("tests run in their package");
    let mut pages: Vec<String> = files
        .map(|file| file.expect("a file can be seen").path())
        .map(|path| {
            path.file_stem()
                .expect("a page has a name")
                .display()
                .to_string()
        })
        .filter(|name| name != "README")
        .collect();
    pages.sort();
    assert_eq!(pages, ALL.map(|lint| lint.name));
}

#[test]
fn every_page_says_what_a_reader_asks() {
    for lint in ALL {
        let page = fs::read_to_string(format!("{PAGES}/{}.md", lint.name)).expect("it has a page");
        assert!(page.starts_with(&format!("# `{}`\n", lint.name)));
        let headings = page.lines().filter_map(|line| line.strip_prefix("## "));
        let asked = [
            "What it finds",
            "Why it matters",
            "Before",
            "After",
            "How to silence it",
            "What it cannot see",
        ];
        assert!(headings.eq(asked), "{}", lint.name);
        assert!(
            page.contains(&format!("deny({})", lint.name)),
            "{}",
            lint.name
        );
    }
}

#[test]
fn the_index_and_the_examples_leave_no_page_out() {
    let index = fs::read_to_string(format!("{PAGES}/README.md")).expect("there is an index");
    let examples = "../purlin/src/lint_pages.rs";
    let examples = fs::read_to_string(examples).expect("the examples run there");
    for lint in ALL {
        let name = lint.name;
        assert!(
            index.contains(&format!("| [`{name}`]({name}.md) |")),
            "{name}"
        );
        assert!(
            examples.contains(&format!("docs/lints/{name}.md")),
            "{name}"
        );
    }
}
