//! What is wrong with arguments, in words a model can act on.

use std::fmt::Write as _;

use super::table::{ArgumentEntry, ArgumentTable};
use crate::schema::Validator;
use crate::schema::path::{locate, offset, push_member};
use crate::schema::wording::{cut, describe, list, nearest};

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
            None => format!("unknown argument; known are {}", list(&known)),
        };
        self.add(&path(&cut(name)), &advice);
    }

    /// The arguments are no object.
    pub(crate) fn no_object(&mut self, json: &str) {
        self.add("$", &format!("must be an object, got {}", describe(json)));
    }

    /// An argument was given under two of its names.
    pub(crate) fn two_names(&mut self, name: &str, alias: &str) {
        let problem = format!("is given twice, as `{name}` and as `{alias}`: keep one");
        self.add(&path(name), &problem);
    }

    /// Something below an argument is wrong.
    pub(crate) fn below(&mut self, name: &str, place: &str, problem: &str) {
        self.add(&(path(name) + place), problem);
    }

    /// An argument does not decode. With the schema of all arguments, everything that is wrong in
    /// a nested one is told; the decoder stops at the first.
    pub(crate) fn undecodable<'s>(
        &mut self,
        entry: &ArgumentEntry,
        json: &str,
        error: &serde_json::Error,
        schema: impl FnOnce() -> Option<&'s Validator>,
    ) {
        if entry.hides() {
            return self.hidden(entry, json);
        }
        let before = self.len();
        // serde_json has no more words for an enum that is not given as a text.
        if json.starts_with(['{', '[']) || reason(error) == "expected value" {
            let mut report = |place: &str, problem: &str| self.below(entry.name, place, problem);
            match (&entry.demands, schema()) {
                (Some(demands), _) => demands.explain_all(json, &mut report),
                (None, Some(schema)) => schema.explain(entry.name, json, &mut report),
                (None, None) => {}
            }
        }
        if self.len() > before {
            return;
        }
        let (mut place, got) = locate(path(entry.name), json, offset(json, error));
        let message = reason(error);
        if let Some(field) = quoted(&message, "missing field `") {
            push_member(&mut place, field);
            return self.add(&place, "is required");
        }
        self.add(&place, &explain(&message, got));
    }

    /// A sensitive argument does not decode. The words of its decoder may repeat it.
    fn hidden(&mut self, entry: &ArgumentEntry, json: &str) {
        let before = self.len();
        if let Some(demands) = &entry.demands {
            demands.explain_all(json, &mut |place, problem| {
                self.below(entry.name, place, problem);
            });
        }
        if self.len() == before {
            self.add(&path(entry.name), "is not what was expected");
        }
    }

    /// A text argument does not decode.
    pub(crate) fn unreadable(&mut self, entry: &ArgumentEntry, error: &serde_json::Error) {
        let problem = match entry.hides() {
            true => "is not what was expected".to_owned(),
            false => explain(&reason(error), ""),
        };
        self.add(&path(entry.name), &problem);
    }

    fn len(&self) -> usize {
        self.told.len() + self.untold
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

fn quoted<'a>(message: &'a str, prefix: &str) -> Option<&'a str> {
    message.strip_prefix(prefix)?.strip_suffix('`')
}
