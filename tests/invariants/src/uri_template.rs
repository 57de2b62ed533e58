//! URI templates: what matches stays in its place, and comes back when it is expanded.
//!
//! The input is a template, a URI and a value, each on a line.

use purlin_core::resource::{UriTemplate, Variables};

/// Matches, expands, and matches again.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let mut lines = text.splitn(3, '\n');
    let (template, uri, value) = (lines.next(), lines.next(), lines.next());
    let Ok(template) = UriTemplate::parse(template.unwrap_or_default()) else {
        return;
    };
    if let Some(found) = template.match_uri(uri.unwrap_or_default()) {
        stays_in_its_place(&found);
        let expanded = template.expand(&found);
        // What is longer than a URI may be is no URI any more.
        if expanded.len() <= UriTemplate::MAX_LEN {
            assert_eq!(template.match_uri(&expanded), Some(found), "{expanded}");
        }
    }
    comes_back(&template, value.unwrap_or_default());
}

/// No value climbs, is absolute, or holds what a path must not.
fn stays_in_its_place(found: &Variables) {
    for (name, value) in found.iter() {
        for text in value.texts() {
            assert!(!text.contains(['\0', '\\']), "{name}: {text:?}");
            assert!(text.split('/').all(|it| it != ".."), "{name}: {text:?}");
        }
        assert!(!value.text().starts_with('/'), "{name}: {value:?}");
    }
}

/// A template of plain variables, a segment between any two, says about a value what was said.
fn comes_back(template: &UriTemplate, value: &str) {
    let plain = |(expression, after): (&str, &str)| {
        let first = expression.chars().next();
        first.is_some_and(|it| it.is_ascii_alphanumeric())
            && !expression.contains(['*', ','])
            && after.contains('/')
    };
    // The last one has nothing after it that could be part of a value.
    let text = format!("{}/", template.as_str());
    let mut expressions = text.split('{').skip(1);
    if !expressions.all(|it| it.split_once('}').is_some_and(plain)) {
        return;
    }
    let names = template.variables();
    let all = names.fold(Variables::new(), |all, name| all.with(name, value));
    if let Some(found) = template.match_uri(&template.expand(&all)) {
        for (name, found) in found.iter() {
            assert_eq!(found.text(), value, "{name}");
        }
    }
}
