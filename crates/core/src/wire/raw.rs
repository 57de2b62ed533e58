//! A borrowed JSON value that has been validated already.

use std::borrow::Cow;

use serde::de::Deserialize;

use super::scan::{Scanner, Span, has_escape};

/// One JSON value inside a message, as its text.
///
/// ```
/// use purlin_core::wire::{Frame, parse};
///
/// let text = br#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"name":"add","n":[1,2]}}"#;
/// let Ok(Frame::One(message)) = parse(text.to_vec()) else { unreachable!() };
/// assert_eq!(message.param("name").unwrap().as_str().as_deref(), Some("add"));
/// assert_eq!(message.param("n").unwrap().decode::<Vec<u8>>().unwrap(), [1, 2]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// Wraps text that is known to be one valid JSON value.
    pub(crate) fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The JSON text.
    pub fn get(self) -> &'a str {
        self.0
    }

    /// The content of a JSON string; `None` for anything else.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if has_escape(inner.as_bytes()) {
            return serde_json::from_str(self.0).ok().map(Cow::Owned);
        }
        Some(Cow::Borrowed(inner))
    }

    /// The content of a JSON string; empty for anything else.
    pub(crate) fn text(self) -> Cow<'a, str> {
        self.as_str().unwrap_or(Cow::Borrowed(""))
    }

    /// Whether this is the value `null`.
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Whether this is an object.
    pub fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// Decodes the value.
    ///
    /// # Errors
    /// When it does not have the shape of `T`.
    pub fn decode<T: Deserialize<'a>>(self) -> serde_json::Result<T> {
        serde_json::from_str(self.0)
    }

    /// Calls `each` with every member of an object, in order; does nothing for
    /// anything else.
    pub(crate) fn members(self, mut each: impl FnMut(Cow<'a, str>, Raw<'a>)) {
        let text = self.0;
        let mut scanner = Scanner::new(text);
        let _ = scanner.object(|scanner, key| {
            let span: Span = scanner.value()?;
            let inner = key.span.of(text);
            let name = if key.escaped {
                Cow::Owned(serde_json::from_str(&format!("\"{inner}\"")).unwrap_or_default())
            } else {
                Cow::Borrowed(inner)
            };
            each(name, Raw(span.of(text)));
            Ok(())
        });
    }

    /// One member of an object.
    pub fn member(self, name: &str) -> Option<Raw<'a>> {
        let mut found = None;
        self.members(|key, value| {
            if key == name {
                found = Some(value);
            }
        });
        found
    }
}
