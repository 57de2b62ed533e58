//! A light reader over JSON text that has been validated already: it finds where values end.
//!
//! It checks nothing, copies nothing and does not recurse. On text that is not valid JSON it
//! gives wrong spans, but never panics and never runs past the end.

use std::borrow::Cow;

use crate::wire::has_escape;

/// Where the next value, white space or delimiter starts.
pub(crate) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Where the value that starts at `at` ends.
pub(crate) fn value_end(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'"') => string_end(bytes, at),
        Some(b'{' | b'[') => container_end(bytes, at),
        _ => scalar_end(bytes, at),
    }
}

/// Where the string whose opening quote is at `at` ends.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(rest) = bytes.get(at..) {
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(found) if rest.get(found) == Some(&b'"') => return at + found + 1,
            Some(found) => at += found + 2,
            None => break,
        }
    }
    bytes.len()
}

fn container_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn scalar_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r') {
            break;
        }
        at += 1;
    }
    at
}

/// The members of an object, in order: the key as its JSON string and the value as its text.
#[derive(Clone, Debug)]
pub(crate) struct Members<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Members<'a> {
    /// `None` when the text is no object.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let start = skip_space(text.as_bytes(), 0);
        (text.as_bytes().get(start) == Some(&b'{')).then_some(Self {
            text,
            at: start + 1,
        })
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let bytes = self.text.as_bytes();
        let mut key_start = skip_space(bytes, self.at);
        if bytes.get(key_start) == Some(&b',') {
            key_start = skip_space(bytes, key_start + 1);
        }
        if bytes.get(key_start) != Some(&b'"') {
            return None;
        }
        let key_end = string_end(bytes, key_start);
        let colon = skip_space(bytes, key_end);
        let start = skip_space(bytes, colon + 1);
        let end = value_end(bytes, start);
        self.at = end;
        Some(Member {
            key: self.text.get(key_start..key_end)?,
            value: self.text.get(start..end)?,
            start,
        })
    }
}

/// One member of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'a> {
    /// The key, quotes included.
    pub(crate) key: &'a str,
    /// The text of the value.
    pub(crate) value: &'a str,
    /// Where the value starts.
    pub(crate) start: usize,
}

impl<'a> Member<'a> {
    /// The key, unescaped.
    pub(crate) fn name(&self) -> Cow<'a, str> {
        unescape(self.key)
    }
}

/// The elements of an array, in order, each with where it starts.
#[derive(Clone, Debug)]
pub(crate) struct Elements<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Elements<'a> {
    /// `None` when the text is no array.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let start = skip_space(text.as_bytes(), 0);
        (text.as_bytes().get(start) == Some(&b'[')).then_some(Self {
            text,
            at: start + 1,
        })
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = (&'a str, usize);

    fn next(&mut self) -> Option<(&'a str, usize)> {
        let bytes = self.text.as_bytes();
        let mut start = skip_space(bytes, self.at);
        if bytes.get(start) == Some(&b',') {
            start = skip_space(bytes, start + 1);
        }
        if matches!(bytes.get(start), None | Some(b']')) {
            return None;
        }
        let end = value_end(bytes, start);
        self.at = end;
        Some((self.text.get(start..end)?, start))
    }
}

/// The content of a JSON string; anything else as it stands.
pub(crate) fn unescape(json: &str) -> Cow<'_, str> {
    let inner = json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) if !has_escape(inner.as_bytes()) => Cow::Borrowed(inner),
        Some(inner) => serde_json::from_str(json).map_or_else(|_| Cow::Borrowed(inner), Cow::Owned),
        None => Cow::Borrowed(json),
    }
}

/// Appends text as the inside of a JSON string.
pub(crate) fn escape_into(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut written = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if !matches!(byte, b'"' | b'\\' | 0..=0x1f) {
            continue;
        }
        out.extend_from_slice(&bytes[written..at]);
        written = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(control >> 4)]);
                out.push(HEX[usize::from(control & 15)]);
            }
        }
    }
    out.extend_from_slice(&bytes[written..]);
}

/// The text as a JSON string.
pub(crate) fn quote(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    out.push(b'"');
    escape_into(&mut out, text);
    out.push(b'"');
    // Escaping maps text to text.
    String::from_utf8(out).unwrap_or_default()
}

/// How long a text is as a JSON string.
pub(crate) fn quoted_len(text: &str) -> usize {
    let more = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 1,
        0..=0x1f => 5,
        _ => 0,
    });
    text.len() + 2 + more.sum::<usize>()
}

/// The text with every whole number that is spelled as a fraction or with an exponent respelled
/// as an integer; `None` when there is none.
pub(crate) fn respell_integers(json: &str) -> Option<String> {
    let bytes = json.as_bytes();
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at),
            b'-' | b'0'..=b'9' => {
                let end = scalar_end(bytes, at);
                if let Some(whole) = json.get(at..end).and_then(whole) {
                    out.push_str(&json[copied..at]);
                    out.push_str(&whole.to_string());
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    (copied > 0).then(|| out + &json[copied..])
}

/// The whole number that a spelling with a fraction or an exponent stands for, exactly.
fn whole(number: &str) -> Option<i128> {
    if !number.contains(['.', 'e', 'E']) {
        return None;
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    if digits == 0 {
        return Some(0);
    }
    let exponent: i32 = exponent.parse().ok()?;
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let power = 10_i128.checked_pow(shift.unsigned_abs())?;
    if shift >= 0 {
        return digits.checked_mul(power);
    }
    (digits % power == 0).then(|| digits / power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_in_order() {
        let text =
            r#" { "a" : [1, "]}", {"b":2}] ,"\u0063\"":"x\\", "n":-1.5e3 , "e":{}, "z":null}"#;
        let members: Vec<_> = Members::of(text)
            .unwrap()
            .map(|member| (member.name().into_owned(), member.value))
            .collect();
        let expected = [
            ("a", r#"[1, "]}", {"b":2}]"#),
            ("c\"", r#""x\\""#),
            ("n", "-1.5e3"),
            ("e", "{}"),
            ("z", "null"),
        ];
        assert_eq!(
            members,
            expected.map(|(key, value)| (key.to_owned(), value))
        );
    }

    #[test]
    fn elements_are_found_in_order() {
        let elements: Vec<_> = Elements::of(r#"[1 , [2,3],"a,b", {}]"#)
            .unwrap()
            .map(|(text, _)| text)
            .collect();
        assert_eq!(elements, ["1", "[2,3]", "\"a,b\"", "{}"]);
        assert_eq!(Elements::of("[]").unwrap().count(), 0);
        assert!(Elements::of("{}").is_none());
        assert!(Members::of("[]").is_none());
    }

    #[test]
    fn broken_text_neither_panics_nor_loops() {
        for text in [
            "{",
            "{\"",
            "{\"a",
            "{\"a\":",
            "{\"a\":[",
            "[",
            "[1",
            "[\"\\",
            "{,}",
            "{\"a\" 1 \"b\"}",
        ] {
            let _ = Members::of(text).map(Iterator::count);
            let _ = Elements::of(text).map(Iterator::count);
        }
    }

    #[test]
    fn whole_numbers_are_respelled() {
        for (json, expected) in [
            ("1.0", Some("1")),
            (
                r#"{"a":[1e3,-2.50,"1.0"],"b":-0.0}"#,
                Some(r#"{"a":[1000,-2.50,"1.0"],"b":0}"#),
            ),
            ("1", None),
            ("1.5", None),
            ("1e300", None),
            ("1e-3", None),
            ("1200e-2", Some("12")),
            ("0e99999999999", Some("0")),
            ("9223372036854775807.0", Some("9223372036854775807")),
            ("1.8446744073709551615e19", Some("18446744073709551615")),
            ("\"1.0\"", None),
        ] {
            assert_eq!(respell_integers(json).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn escaping_agrees_with_serde_json() {
        for text in ["", "plain", "a\"b\\c\n\r\t\u{0}\u{1f}\u{7f}é😀/"] {
            let quoted = quote(text);
            assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
            assert_eq!(unescape(&quoted), text);
        }
    }
}
