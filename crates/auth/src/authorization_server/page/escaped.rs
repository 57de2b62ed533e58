//! Texts of others in HTML.

use std::fmt::{self, Write as _};

/// A text as it stands between tags or in an attribute with double quotes.
#[derive(Clone, Copy)]
pub(in super::super) struct Escaped<'a>(pub(in super::super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            // What turns the line around is never a part of a name.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Ok(()),
            letter if letter.is_control() => f.write_char(' '),
            letter => f.write_char(letter),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_leave_its_place() {
        let text = Escaped("<b a=\"'&\u{202e}\n>").to_string();
        assert_eq!(text, "&lt;b a=&quot;&#39;&amp; &gt;");
    }
}
