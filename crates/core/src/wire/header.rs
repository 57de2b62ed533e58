//! The HTTP headers that repeat what a stateless request says of itself
//! (specification 2026-07-28, Streamable HTTP, "Standard headers"; SEP-2243).
//!
//! Proxies route by them, so a header that disagrees with the body is refused:
//! otherwise the proxy and the server would act on different requests.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::Raw;

/// One header field of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Field<'a> {
    /// It was not sent.
    #[default]
    Absent,
    /// It was sent once.
    One(&'a [u8]),
    /// It was sent more than once.
    Many,
}

impl<'a> Field<'a> {
    /// Notes one more line of this field.
    pub fn add(&mut self, value: &'a [u8]) {
        *self = match self {
            Self::Absent => Self::One(value),
            Self::One(_) | Self::Many => Self::Many,
        };
    }
}

/// The routing headers of one HTTP request.
#[derive(Debug, Default)]
pub struct RoutingHeaders<'a> {
    /// `MCP-Protocol-Version`.
    pub version: Field<'a>,
    /// `Mcp-Method`.
    pub method: Field<'a>,
    /// `Mcp-Name`.
    pub name: Field<'a>,
    /// `Mcp-Param-*`: the lower-case name after the prefix, and the value.
    pub params: Vec<(&'a str, &'a [u8])>,
}

/// Decodes a header value: trims it, and unwraps `=?base64?…?=`.
///
/// A value with only one half of the wrapper is taken literally. `None` when
/// the value is not ASCII or the wrapped part is not canonical Base64 of UTF-8.
pub(crate) fn decode(value: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(value).ok()?.trim_matches([' ', '\t']);
    // Everything else has to be wrapped: proxies read other bytes in their own ways.
    if !text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return None;
    }
    let Some(inner) = text
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="))
    else {
        return Some(Cow::Borrowed(text));
    };
    let bytes = STANDARD.decode(inner).ok()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Whether a header says the same as an argument. Integers are compared as
/// numbers, so that `42.0` equals `42`.
pub(crate) fn repeats(header: &str, argument: Raw<'_>) -> bool {
    if let Some(text) = argument.as_str() {
        return text == header;
    }
    let literal = argument.get();
    if literal == header {
        return true;
    }
    match (header.parse::<f64>(), literal.parse::<f64>()) {
        (Ok(a), Ok(b)) => a == b && a.fract() == 0.0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_values_are_decoded_and_halves_taken_literally() {
        let table: [(&str, Option<&str>); 10] = [
            ("add", Some("add")),
            ("  add\t", Some("add")),
            ("=?base64?SGVsbG8=?=", Some("Hello")),
            ("=?base64?SGVsbG8?=", None),
            ("=?base64?SGVs!!!bG8=?=", None),
            ("=?base64?SGVsbG8=", Some("=?base64?SGVsbG8=")),
            ("SGVsbG8=", Some("SGVsbG8=")),
            ("=?base64?/w==?=", None),
            ("=?BASE64?SGVsbG8=?=", Some("=?BASE64?SGVsbG8=?=")),
            ("", Some("")),
        ];
        for (value, expected) in table {
            assert_eq!(decode(value.as_bytes()).as_deref(), expected, "{value}");
        }
        assert_eq!(decode(b"a\x01b"), None);
        assert_eq!(decode(b"\xff"), None);
        assert_eq!(decode("Zürich".as_bytes()), None);
        assert_eq!(decode(b"a\tb"), None);
    }

    #[test]
    fn integers_are_compared_as_numbers() {
        assert!(repeats("42.0", Raw::new("42")));
        assert!(repeats("42", Raw::new("42")));
        assert!(!repeats("43", Raw::new("42")));
        assert!(repeats("true", Raw::new("true")));
        assert!(repeats("x", Raw::new("\"x\"")));
        assert!(!repeats("1.5", Raw::new("1.6")));
    }
}
