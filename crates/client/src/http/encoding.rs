//! How values of the body are written as header values (SEP-2243).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::HeaderValue;

const PREFIX: &str = "=?base64?";
const SUFFIX: &str = "?=";

/// Writes a value as a header: as it is where that is safe, else `=?base64?…?=` over its UTF-8.
///
/// Not safe are characters other than visible ASCII and inner blanks, blanks at the edges (which
/// would be trimmed on the way), and what looks like an encoded value itself.
pub(super) fn encode(value: &str) -> HeaderValue {
    let text = if is_plain(value) {
        value.to_owned()
    } else {
        format!("{PREFIX}{}{SUFFIX}", STANDARD.encode(value))
    };
    HeaderValue::try_from(text).expect("plain values and base64 are legal header values")
}

fn is_plain(value: &str) -> bool {
    let looks_encoded = value.starts_with(PREFIX) && value.ends_with(SUFFIX);
    let blank_edge = value.starts_with(' ') || value.ends_with(' ');
    !looks_encoded && !blank_edge && value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_would_be_damaged_is_encoded() {
        for (value, header) in [
            ("weather_current", "weather_current"),
            ("a b", "a b"),
            ("", ""),
            ("=?base64?", "=?base64?"),
            ("?=", "?="),
            (" a", "=?base64?IGE=?="),
            ("a\t", "=?base64?YQk=?="),
            ("a\tb", "=?base64?YQli?="),
            ("é", "=?base64?w6k=?="),
            ("a\nb", "=?base64?YQpi?="),
            ("=?base64?YQ==?=", "=?base64?PT9iYXNlNjQ/WVE9PT89?="),
        ] {
            assert_eq!(encode(value), header, "{value:?}");
        }
    }
}
