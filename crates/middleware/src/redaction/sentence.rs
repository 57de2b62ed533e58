//! Secrets in the middle of a text.
//!
//! What is looked for are forms that say themselves where a secret begins and ends.
//! A text is read once, from its start to its end.

use serde_json::Value;

use super::{Redactor, redactor::REPLACEMENT};

/// How many brackets that begin no JSON are tried in one text.
const MAX_TRIES: usize = 64;
/// How long the name of a secret may be, in bytes.
const MAX_NAME: usize = 64;
/// A word after `Bearer` that is shorter is a word of the sentence.
const MIN_CREDENTIAL: usize = 8;

/// A part of a text, and what stands in its place.
struct Found {
    begin: usize,
    end: usize,
    instead: String,
}

impl Found {
    fn secret(begin: usize, end: usize) -> Option<Self> {
        (end > begin).then(|| Self {
            begin,
            end,
            instead: REPLACEMENT.to_owned(),
        })
    }
}

impl Redactor {
    /// What a text is to be replaced by, if there are secrets in it.
    pub(super) fn sentence(&self, text: &str, depth: usize) -> Option<String> {
        let mut out = String::new();
        let (mut copied, mut at, mut tries) = (0, 0, 0);
        while let Some(step) = text.get(at..)?.find(MARKS) {
            at += step;
            let (found, next) = match text.as_bytes()[at] {
                b'{' | b'[' if depth > 0 && tries < MAX_TRIES => {
                    let (found, end) = self.fragment(text, at, depth);
                    tries += usize::from(end.is_none());
                    (found, end.unwrap_or(at + 1))
                }
                b'=' => (self.assignment(text, at), at + 1),
                b'"' => (self.member(text, at), at + 1),
                b':' => (password(text, at), at + 1),
                b' ' => (credential(text, at), at + 1),
                _ => (None, at + 1),
            };
            at = next;
            // What lies before was redacted with something else.
            if let Some(found) = found.filter(|found| found.begin >= copied) {
                out.push_str(&text[copied..found.begin]);
                out.push_str(&found.instead);
                copied = found.end;
                at = at.max(found.end);
            }
        }
        (copied > 0).then(|| out + &text[copied..])
    }

    /// JSON that begins here; where it ends.
    fn fragment(&self, text: &str, at: usize, depth: usize) -> (Option<Found>, Option<usize>) {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        let Some(Ok(mut value)) = values.next() else {
            return (None, None);
        };
        let end = at + values.byte_offset();
        let found = self.walk(&mut value, depth - 1).then(|| Found {
            begin: at,
            end,
            instead: value.to_string(),
        });
        (found, Some(end))
    }

    /// `token=…`, with the `=` here.
    fn assignment(&self, text: &str, at: usize) -> Option<Found> {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let before = &text[..at];
        let name = &before[before.trim_end_matches(is_name).len()..];
        if name.len() > MAX_NAME || !self.is_secret(name) {
            return None;
        }
        let (begin, end) = value(text, at + 1)?;
        Found::secret(begin, end)
    }

    /// `"token": …` of JSON that is broken, with the first quote here.
    fn member(&self, text: &str, at: usize) -> Option<Found> {
        let rest = text.get(at + 1..)?;
        let length = rest
            .bytes()
            .take(MAX_NAME + 1)
            .position(|byte| byte == b'"')?;
        let name = rest.get(..length)?;
        let after = rest.get(length + 1..)?;
        let colon = after.trim_start().strip_prefix(':')?;
        if !self.is_secret(name) {
            return None;
        }
        let (begin, end) = value(text, text.len() - colon.trim_start().len())?;
        Found::secret(begin, end)
    }
}

/// Where something of interest may begin.
const MARKS: [char; 6] = ['{', '[', '=', '"', ':', ' '];

/// The value that begins here: up to the quote that ends it, else up to the end of
/// the word.
fn value(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let inside = &rest[1..];
        let mut escaped = false;
        let end = inside.find(|c| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        return Some((at + 1, at + 1 + end.unwrap_or(inside.len())));
    }
    let ends =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '&' | '"' | '\'' | ')' | '}' | ']');
    Some((at, at + rest.find(ends).unwrap_or(rest.len())))
}

/// The password of `https://name:password@host`, with the first colon here.
fn password(text: &str, at: usize) -> Option<Found> {
    let rest = text.get(at..)?.strip_prefix("://")?;
    let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '<' | '>');
    let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let user = &authority[..authority.rfind('@')?];
    let colon = user.find(':')?;
    let begin = at + "://".len();
    Found::secret(begin + colon + 1, begin + user.len())
}

/// What follows `Bearer` or `Basic`, with the space behind it here.
fn credential(text: &str, at: usize) -> Option<Found> {
    let before = &text[..at];
    let word = &before[before
        .trim_end_matches(|c: char| c.is_ascii_alphanumeric())
        .len()..];
    if !["bearer", "basic"]
        .iter()
        .any(|scheme| word.eq_ignore_ascii_case(scheme))
    {
        return None;
    }
    let rest = &text[at + 1..];
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    (length >= MIN_CREDENTIAL).then(|| Found::secret(at + 1, at + 1 + length))?
}
