//! The tables of options in the documentation are the rows that the attributes
//! read. `cargo xtask bless` renews them, as it renews the golden expansions.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::check::attribute::{self, Attribute};

/// Each table under the name its markers have.
const TABLES: [(&str, Attribute); 24] = [
    ("mcp_server", attribute::SERVER),
    ("mount", attribute::MOUNTED),
    ("icon", attribute::ICON),
    ("deprecated", attribute::DEPRECATION),
    ("mcp_tool", attribute::TOOL),
    ("arg", attribute::PARAM),
    ("arg on a type", attribute::TYPE),
    ("arg on a variant", attribute::VARIANT),
    ("arg on operations", attribute::OPERATIONS),
    ("arg on an operation", attribute::OPERATION),
    ("tool_error on a variant", attribute::ERROR),
    ("tool_error on a struct", attribute::ERROR_STRUCT),
    ("tool_error on an enum", attribute::ERRORS),
    ("mcp_resource", attribute::RESOURCE),
    ("mcp_prompt", attribute::PROMPT),
    ("mcp_completion", attribute::COMPLETION),
    ("config", attribute::SETTING),
    ("config on a struct", attribute::SETTINGS),
    ("config on an enum", attribute::SETTING_ENUM),
    ("config on a variant", attribute::SETTING_VARIANT),
    ("middleware", attribute::MIDDLEWARE),
    ("policy", attribute::POLICY_FUNCTION),
    ("main", attribute::MAIN),
    ("test", attribute::TEST),
];

/// The page with all of them, from this crate.
const REFERENCE: &str = "../../docs/reference.md";

#[test]
fn the_tables_of_options_are_up_to_date() {
    let outdated: Vec<PathBuf> = pages().into_iter().filter(|page| !renew(page)).collect();
    assert!(
        outdated.is_empty(),
        "run `cargo xtask bless`: {outdated:?} differ from the options of the attributes",
    );
}

#[test]
fn the_reference_has_a_table_for_each_attribute() {
    let reference = read(&PathBuf::from(REFERENCE));
    for (name, _) in TABLES {
        assert!(reference.contains(&begin(name)), "no table for `{name}`");
    }
}

#[test]
fn no_attribute_lists_an_option_twice() {
    for (_, attribute) in TABLES {
        let mut keys: Vec<_> = attribute.keys().collect();
        keys.sort_unstable();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    }
}

#[test]
fn a_misplaced_marker_is_noticed() {
    assert_eq!(renewed("<!-- options of main -->\n"), None);
    assert_eq!(renewed("<!-- options of nothing -->\n<!-- end -->\n"), None);
    assert_eq!(renewed("no marker").as_deref(), Some("no marker"));
}

fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir("src/docs").expect("tests run in their package");
    let pages = docs.map(|page| page.expect("a page can be read").path());
    pages.chain([REFERENCE.into()]).collect()
}

fn read(page: &Path) -> String {
    fs::read_to_string(page).expect("a page can be read")
}

/// Whether a page is up to date. Where snapshots are renewed, it then is.
fn renew(page: &Path) -> bool {
    let text = read(page);
    let renewed = renewed(&text).unwrap_or_else(|| panic!("a bad marker in {}", page.display()));
    let blesses = env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
    if blesses && text != renewed {
        fs::write(page, &renewed).expect("a page can be written");
    }
    blesses || text == renewed
}

/// A page with the tables between its markers written anew.
fn renewed(text: &str) -> Option<String> {
    const BEGIN: &str = "<!-- options of ";
    const END: &str = "<!-- end -->";
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(" -->\n")?;
        let (_, after) = after.split_once(END)?;
        let (_, attribute) = TABLES.into_iter().find(|(table, _)| *table == name)?;
        out += before;
        out += &format!("{}{}{END}", begin(name), table(&attribute));
        rest = after;
    }
    Some(out + rest)
}

fn begin(name: &str) -> String {
    format!("<!-- options of {name} -->\n")
}

fn table(attribute: &Attribute) -> String {
    let mut table = "\n| option | meaning |\n|---|---|\n".to_owned();
    for row in attribute.options {
        writeln!(table, "| `{}` | {} |", row.form, row.meaning).expect("a text takes any text");
    }
    table + "\n"
}
