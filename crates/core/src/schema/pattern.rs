//! The regular expressions of schemas.

use std::fmt;

use regex_lite::Regex;

/// The pattern of a schema, compiled. As in JSON Schema it may match anywhere in a text.
///
/// JSON Schema writes patterns in the dialect of ECMA-262. What has another meaning there is
/// refused by the macros while the user's crate compiles.
pub(crate) struct Pattern(Regex);

impl Pattern {
    /// `None` for what this engine cannot match (look-around, back references, classes of
    /// Unicode), which only a schema written by hand can hold; it is left to the decoder.
    pub(crate) fn new(source: &str) -> Option<Self> {
        match Regex::new(source) {
            Ok(regex) => Some(Self(regex)),
            Err(error) => {
                tracing::warn!(pattern = source, %error, "the pattern of a schema is not enforced");
                None
            }
        }
    }

    pub(crate) fn source(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source().fmt(f)
    }
}
