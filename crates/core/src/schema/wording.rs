//! JSON in words a model can act on.

use super::raw::{Elements, Members};

/// The longest piece of a caller's text that is repeated to them, in characters.
const LONGEST_ECHO: usize = 100;

/// A JSON value in words, cut to what a reader needs.
pub(crate) fn describe(json: &str) -> String {
    let json = json.trim();
    match json.as_bytes().first() {
        Some(b'"') => format!("the string {}", cut(json)),
        Some(b'{') if Members::of(json).is_some_and(|mut members| members.next().is_none()) => {
            "an empty object".to_owned()
        }
        Some(b'{') => "an object".to_owned(),
        Some(b'[') if Elements::of(json).is_some_and(|mut elements| elements.next().is_none()) => {
            "an empty array".to_owned()
        }
        Some(b'[') => "an array".to_owned(),
        Some(b'-' | b'0'..=b'9') => format!("the number {}", cut(json)),
        _ => cut(json),
    }
}

/// The text, cut where nobody reads on.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_ECHO) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Texts as a model reads them: `a`, `b`.
pub(crate) fn list<T: AsRef<str>>(texts: &[T]) -> String {
    let quoted: Vec<String> = texts
        .iter()
        .map(|text| format!("`{}`", text.as_ref()))
        .collect();
    quoted.join(", ")
}

/// The texts to choose from: `a` or `b`; one of `a`, `b`, `c`.
pub(crate) fn choice<T: AsRef<str>>(texts: &[T]) -> String {
    match texts {
        [only] => format!("`{}`", only.as_ref()),
        [first, second] => format!("`{}` or `{}`", first.as_ref(), second.as_ref()),
        _ => format!("one of {}", list(texts)),
    }
}

/// So many things.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// The known name closest to a mistyped one, if one is close.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    if name.len() > 64 {
        return None;
    }
    let limit = (name.chars().count() / 3).max(1);
    known
        .iter()
        .map(|other| (distance(name, other), *other))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// How many characters have to be inserted, removed or replaced; ASCII case is free.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().map(|c| c.to_ascii_lowercase()).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_finds_its_neighbour() {
        for (name, expected) in [
            ("citty", Some("city")),
            ("City", Some("city")),
            ("unit", Some("units")),
            ("country", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &["city", "units"]), expected, "{name}");
        }
    }

    #[test]
    fn long_texts_are_cut_on_a_character() {
        assert_eq!(cut(&"é".repeat(200)).chars().count(), LONGEST_ECHO + 1);
    }

    #[test]
    fn choices_read_as_a_sentence_does() {
        assert_eq!(choice(&["a"]), "`a`");
        assert_eq!(choice(&["a", "b"]), "`a` or `b`");
        assert_eq!(choice(&["a", "b", "c"]), "one of `a`, `b`, `c`");
    }
}
