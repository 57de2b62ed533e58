//! Every lint has a page whose examples run, and a line in the index.

use std::fs;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Item, Meta};

use super::{messages, pipeline};
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

/// The doctests say that the first example does not compile; here it is for the
/// lint it is about, and for nothing else.
#[test]
fn what_is_shown_is_found_and_its_cure_is_not() {
    for lint in ALL {
        let page = fs::read_to_string(format!("{PAGES}/{}.md", lint.name)).expect("it has a page");
        let (_, before) = page.split_once("```compile_fail\n").expect("it shows it");
        let (before, rest) = before.split_once("```").expect("the example ends");
        let (_, after) = rest.split_once("```\n").expect("it shows the cure");
        let (after, _) = after.split_once("```").expect("the example ends");
        let found = mistakes(before);
        let prefix = format!("{}: ", lint.name);
        assert!(
            matches!(&found[..], [one] if one.starts_with(&prefix)),
            "{found:?}"
        );
        assert!(mistakes(after).is_empty(), "{}", lint.name);
    }
}

/// What `#[mcp_server]` refuses in an example.
fn mistakes(example: &str) -> Vec<String> {
    let lines = example.lines();
    let code: Vec<&str> = lines
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .collect();
    let file = syn::parse_file(&code.join("\n")).expect("an example is Rust");
    file.items.into_iter().flat_map(refused).collect()
}

fn refused(mut item: Item) -> Vec<String> {
    let attrs = match &mut item {
        Item::Impl(item) => &mut item.attrs,
        Item::Mod(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        _ => return Vec::new(),
    };
    let server = attrs
        .iter()
        .position(|attr| attr.path().is_ident("mcp_server"));
    let Some(server) = server.map(|at| attrs.remove(at)) else {
        return Vec::new();
    };
    let options = match server.meta {
        Meta::List(list) => list.tokens,
        _ => TokenStream::new(),
    };
    messages(pipeline::mcp_server(options, &item.to_token_stream()))
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
