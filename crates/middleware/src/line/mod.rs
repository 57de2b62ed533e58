//! One line of a log.
//!
//! Fields in the order they were added, as `name=value` for people or as one
//! JSON object for programs. Whatever a client sent is escaped, so that it
//! neither ends the line nor moves a terminal's cursor.

#[cfg(test)]
mod tests;

use std::{fmt::Write as _, ops::Range, time::Duration};

/// How long a text of a client may be in a line, in characters.
pub(crate) const MAX_TEXT: usize = 200;

/// What was asked for, as a line may tell it: a URI without its query, which may
/// carry a token.
pub(crate) fn without_query(target: &str) -> &str {
    target.split(['?', '#']).next().unwrap_or_default()
}

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `event=request_start method=tools/call`
    Human,
    /// `{"event":"request_start","method":"tools/call"}`
    Json,
}

/// A line being written.
///
/// The lines of one message have most fields in common, which are written once:
/// those that stand when [`keep`](Self::keep) is called are in every line that is
/// begun after it.
#[derive(Debug)]
pub(crate) struct Line {
    form: Form,
    text: String,
    /// Where the fields are that stay.
    kept: Range<usize>,
}

impl Line {
    /// A line of an event, which is a word of ours.
    pub(crate) fn new(form: Form, event: &str) -> Self {
        let mut line = Self {
            form,
            text: String::with_capacity(128),
            kept: 0..0,
        };
        line.begin(event);
        line
    }

    fn begin(&mut self, event: &str) {
        let (before, after) = match self.form {
            Form::Human => ("event=", ""),
            Form::Json => ("{\"event\":\"", "\""),
        };
        self.text.push_str(before);
        self.text.push_str(event);
        self.text.push_str(after);
        self.kept = self.text.len()..self.text.len();
    }

    /// The fields that were added since the line began stay in the next ones.
    pub(crate) fn keep(&mut self) {
        self.kept.end = self.text.len();
    }

    /// Begins the next line, with the fields that stay.
    pub(crate) fn next(&mut self, event: &str) {
        let fields = self.kept.clone();
        let mut next = Self::new(self.form, event);
        next.text.push_str(&self.text[fields]);
        next.keep();
        *self = next;
    }

    fn name(&mut self, name: &str) {
        let (before, after) = match self.form {
            Form::Human => (" ", "="),
            Form::Json => (",\"", "\":"),
        };
        self.text.push_str(before);
        self.text.push_str(name);
        self.text.push_str(after);
    }

    /// A word of ours, in which nothing needs to be escaped.
    pub(crate) fn word(&mut self, (name, word): (&str, &str)) {
        let quote = match self.form {
            Form::Human => "",
            Form::Json => "\"",
        };
        self.name(name);
        self.text.push_str(quote);
        self.text.push_str(word);
        self.text.push_str(quote);
    }

    /// A text, cut at [`MAX_TEXT`].
    pub(crate) fn text(&mut self, (name, value): (&str, &str)) {
        self.long_text((name, value), MAX_TEXT);
    }

    /// A text, cut at `limit` characters.
    pub(crate) fn long_text(&mut self, (name, value): (&str, &str), limit: usize) {
        self.name(name);
        let (value, cut) = cut(value, limit);
        let quoted = self.form == Form::Json || !value.bytes().all(is_plain) || value.is_empty();
        if quoted {
            self.text.push('"');
        }
        escape_into(&mut self.text, value);
        if cut {
            self.text.push('…');
        }
        if quoted {
            self.text.push('"');
        }
    }

    /// A whole number.
    pub(crate) fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        self.text.push_str(itoa::Buffer::new().format(value));
    }

    /// Milliseconds with two decimals.
    pub(crate) fn millis(&mut self, name: &str, duration: Duration) {
        self.name(name);
        push_millis(&mut self.text, duration);
    }

    /// The whole line, without its end.
    pub(crate) fn finish(&mut self) -> &str {
        if self.form == Form::Json {
            self.text.push('}');
        }
        &self.text
    }
}

/// The first `limit` characters, and whether there are more.
pub(crate) fn cut(text: &str, limit: usize) -> (&str, bool) {
    // No text has more characters than bytes.
    if text.len() <= limit {
        return (text, false);
    }
    match text.char_indices().nth(limit) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    }
}

/// Milliseconds with two decimals, rounded. Whole numbers are written several
/// times as fast as fractions.
pub(crate) fn push_millis(out: &mut String, duration: Duration) {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let hundredths = nanos.saturating_add(5_000) / 10_000;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    let mut digits = itoa::Buffer::new();
    out.push_str(digits.format(whole));
    out.push_str(if rest < 10 { ".0" } else { "." });
    out.push_str(digits.format(rest));
}

/// What may stand in a line for people without quotes.
fn is_plain(byte: u8) -> bool {
    const PLAIN: [bool; 256] = {
        let mut plain = [false; 256];
        let mut byte = 0;
        while byte < 128_u8 {
            plain[byte as usize] = byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'=');
            byte += 1;
        }
        plain
    };
    PLAIN[usize::from(byte)]
}

/// Escapes as in JSON whatever ends a text, a line, or is no character to read.
pub(crate) fn escape_into(out: &mut String, text: &str) {
    // Nearly every text is one that is copied.
    if text.bytes().all(|byte| byte == b' ' || is_plain(byte)) {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
}

/// Controls, ends of lines and of paragraphs, and what turns the direction of a
/// text around.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
