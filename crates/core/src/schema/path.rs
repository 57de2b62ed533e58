//! Where in a JSON value something is: `$.units.kind`, `$.cities[2]`.

use std::fmt::Write as _;

use super::raw::{Elements, Members, skip_space, value_end};

/// Appends one member to a path.
pub(crate) fn push_member(path: &mut String, name: &str) {
    let plain = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain {
        path.push('.');
        path.push_str(name);
    } else {
        let _ = write!(path, "[{name:?}]");
    }
}

/// The value a decoder stopped at, `offset` bytes into `text`: its path below `path` and its text.
///
/// serde_json reports a scalar and an incomplete object at their end, and a container that was
/// not wanted at its start, so the innermost value that touches the offset is meant.
pub(crate) fn locate(mut path: String, text: &str, offset: usize) -> (String, &str) {
    let start = skip_space(text.as_bytes(), 0);
    let mut value = &text[start..value_end(text.as_bytes(), start).max(start)];
    let mut offset = offset.saturating_sub(start);
    loop {
        match inside(value, offset) {
            Some((step, inner, start)) => {
                match step {
                    Step::Member(name) => push_member(&mut path, &name),
                    Step::Element(index) => {
                        let _ = write!(path, "[{index}]");
                    }
                }
                value = inner;
                offset -= start;
            }
            None => return (path, value),
        }
    }
}

enum Step {
    Member(String),
    Element(usize),
}

fn inside(value: &str, offset: usize) -> Option<(Step, &str, usize)> {
    let touches = |inner: &str, start: usize| start <= offset && offset <= start + inner.len();
    if let Some(mut members) = Members::of(value) {
        let member = members.find(|member| touches(member.value, member.start))?;
        return Some((
            Step::Member(member.name().into_owned()),
            member.value,
            member.start,
        ));
    }
    let (index, (inner, start)) = Elements::of(value)?
        .enumerate()
        .find(|(_, (inner, start))| touches(inner, *start))?;
    Some((Step::Element(index), inner, start))
}

/// The number of bytes before the place a decoder stopped at.
pub(crate) fn offset(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    (before + error.column()).min(text.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Outer {
        #[allow(dead_code, reason = "only decoding is tested")]
        units: Vec<Inner>,
        #[serde(default)]
        #[allow(dead_code, reason = "only decoding is tested")]
        more: BTreeMap<String, u8>,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[allow(dead_code, reason = "only decoding is tested")]
        kind: bool,
    }

    fn check(text: &str, path: &str, value: &str) {
        let error = serde_json::from_str::<Outer>(text).unwrap_err();
        let found = locate("$".to_owned(), text, offset(text, &error));
        assert_eq!(found, (path.to_owned(), value), "{error}");
    }

    #[test]
    fn the_innermost_wrong_value_is_found() {
        check(
            r#"{"units":[{"kind":true},{"kind":"x"}]}"#,
            "$.units[1].kind",
            "\"x\"",
        );
        check(
            "{\n \"units\": [\n  {\"kind\": 1}]}",
            "$.units[0].kind",
            "1",
        );
        check(r#"{"units":[{"kind":[]}]}"#, "$.units[0].kind", "[]");
        check(r#"{"units":[{"kind":{}}]}"#, "$.units[0].kind", "{}");
        check(r#"{"units":{}}"#, "$.units", "{}");
        check(r#"{"units":[{}]}"#, "$.units[0]", "{}");
        check(r#"{}"#, "$", "{}");
        check(
            r#"{"units":[],"more":{"a b":256}}"#,
            "$.more[\"a b\"]",
            "256",
        );
        check(r#"{"units":[],"more":{"é":-1}}"#, "$.more[\"é\"]", "-1");
    }
}
