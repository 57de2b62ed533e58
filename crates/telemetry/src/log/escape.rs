//! Text from elsewhere, made harmless.

use std::fmt::{self, Write};

/// How much of a field's value is logged, in characters.
pub(super) const MAX_VALUE: usize = 200;
/// How much of a message is logged, in characters.
pub(super) const MAX_MESSAGE: usize = 2_000;

/// Whether a character could end a line, speak to a terminal or turn the order
/// of what follows.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes a text for people: harmful characters escaped, at most `limit`
/// characters.
pub(super) fn human(out: &mut dyn Write, text: &str, limit: usize) -> fmt::Result {
    let mut characters = text.chars();
    for c in characters.by_ref().take(limit) {
        if is_harmful(c) {
            write!(out, "{}", c.escape_default())?;
        } else {
            out.write_char(c)?;
        }
    }
    if characters.next().is_some() {
        out.write_char('…')?;
    }
    Ok(())
}

/// Writes a JSON string, escaped and cut likewise.
pub(super) fn json(out: &mut dyn Write, text: &str, limit: usize) -> fmt::Result {
    out.write_char('"')?;
    let mut characters = text.chars();
    for c in characters.by_ref().take(limit) {
        match c {
            '"' | '\\' => write!(out, "\\{c}")?,
            '\n' => out.write_str("\\n")?,
            // All of them are in the first plane of Unicode.
            c if is_harmful(c) => write!(out, "\\u{:04x}", u32::from(c))?,
            c => out.write_char(c)?,
        }
    }
    if characters.next().is_some() {
        out.write_char('…')?;
    }
    out.write_char('"')
}
