//! What is wrong with arguments, in words a model can act on.

use std::fmt::Write as _;

use super::table::ArgumentTable;
use crate::schema::path::{locate, offset, push_member};
use crate::schema::raw::{Elements, Members};

/// The longest piece of a caller's text that is repeated to them, in characters.
const LONGEST_ECHO: usize = 100;

/// How many mistakes are told at once. More would help nobody, and a call can
/// hold hundreds of thousands.
const MOST: usize = 32;

/// Mistakes found so far; allocates only when there is one.
#[derive(Debug, Default)]
pub(crate) struct Mistakes {
    told: Vec<String>,
    untold: usize,
}

impl Mistakes {
    pub(crate) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// An argument has to be given and is not.
    pub(crate) fn missing(&mut self, name: &str) {
        self.add(&path(name), "is required");
    }

    /// An argument was given twice.
    pub(crate) fn repeated(&mut self, name: &str) {
        self.add(&path(name), "is given twice");
    }

    /// An argument nobody asked for.
    pub(crate) fn unknown(&mut self, name: &str, table: &ArgumentTable) {
        if self.told.len() >= MOST {
            self.untold += 1;
            return;
        }
        let known: Vec<&str> = table.names().collect();
        let advice = match nearest(name, &known) {
            Some(near) => format!("unknown argument; did you mean `{near}`?"),
            None if known.is_empty() => "unknown argument; there are none".to_owned(),
            None => format!(
                "unknown argument; known are {}",
                crate::schema::check::list(&known)
            ),
        };
        self.add(&path(&cut(name)), &advice);
    }

    /// The arguments are no object.
    pub(crate) fn no_object(&mut self, json: &str) {
        self.add("$", &format!("must be an object, got {}", describe(json)));
    }

    /// A constraint is broken.
    pub(crate) fn violated(&mut self, name: &str, problem: &str) {
        self.add(&path(name), problem);
    }

    /// An argument does not decode.
    pub(crate) fn undecodable(&mut self, name: &str, json: &str, error: &serde_json::Error) {
        let (mut place, got) = locate(path(name), json, offset(json, error));
        let message = reason(error);
        if let Some(field) = quoted(&message, "missing field `") {
            push_member(&mut place, field);
            return self.add(&place, "is required");
        }
        self.add(&place, &explain(&message, got));
    }

    /// A text argument does not decode.
    pub(crate) fn unreadable(&mut self, name: &str, error: &serde_json::Error) {
        self.add(&path(name), &explain(&reason(error), ""));
    }

    fn add(&mut self, place: &str, problem: &str) {
        if self.told.len() < MOST {
            self.told.push(format!("{place}: {problem}"));
        } else {
            self.untold += 1;
        }
    }

    /// All mistakes, one on each line.
    pub(crate) fn report(&self, owner: &str) -> String {
        let mut text = format!("Invalid arguments for `{owner}`:");
        for mistake in &self.told {
            let _ = write!(text, "\n{mistake}");
        }
        if self.untold > 0 {
            let _ = write!(text, "\nand {} more", self.untold);
        }
        text
    }
}

fn path(name: &str) -> String {
    let mut path = String::from("$");
    push_member(&mut path, name);
    path
}

/// serde's words without the position, which the path replaces.
fn reason(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    if let Some(at) = text.rfind(" at line ") {
        text.truncate(at);
    }
    text
}

/// "invalid type: string \"x\", expected i64" as "expected an integer, got the text \"x\"".
fn explain(message: &str, got: &str) -> String {
    let expected = ["invalid type: ", "invalid value: ", "invalid length "]
        .iter()
        .any(|prefix| message.starts_with(prefix))
        .then(|| message.rsplit_once(", expected "))
        .flatten();
    match expected {
        Some((_, expected)) if !got.is_empty() => {
            format!("expected {}, got {}", wanted(expected), describe(got))
        }
        Some((_, expected)) => format!("expected {}", wanted(expected)),
        None if message.starts_with("unknown variant ") => {
            message.replacen("unknown variant", "unknown choice", 1)
        }
        None => cut(message),
    }
}

/// serde's names of types in words.
pub(crate) fn wanted(expected: &str) -> String {
    let range = match expected {
        "i8" => Some((i64::from(i8::MIN), i64::from(i8::MAX))),
        "i16" => Some((i64::from(i16::MIN), i64::from(i16::MAX))),
        "i32" => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        "u8" => Some((0, i64::from(u8::MAX))),
        "u16" => Some((0, i64::from(u16::MAX))),
        "u32" => Some((0, i64::from(u32::MAX))),
        _ => None,
    };
    if let Some((least, most)) = range {
        return format!("an integer from {least} to {most}");
    }
    match expected {
        "i64" | "i128" | "isize" => "an integer".to_owned(),
        "u64" | "u128" | "usize" => "an integer of at least 0".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a string" | "a borrowed string" | "string" => "a string".to_owned(),
        "a sequence" => "an array".to_owned(),
        "a map" => "an object".to_owned(),
        other if other.starts_with("struct ") => "an object".to_owned(),
        other => other.to_owned(),
    }
}

/// A JSON value in words, cut to what a reader needs.
fn describe(json: &str) -> String {
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

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_ECHO) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn quoted<'a>(message: &'a str, prefix: &str) -> Option<&'a str> {
    message.strip_prefix(prefix)?.strip_suffix('`')
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
}
