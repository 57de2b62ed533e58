//! Percent-encoding (RFC 3986, section 2).

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn is_reserved(byte: u8) -> bool {
    b":/?#[]@!$&'()*+,;=".contains(&byte)
}

/// Appends a value of which only unreserved characters stay.
pub(super) fn encode_into(out: &mut String, value: &str) {
    encode_bytes(out, value.as_bytes(), is_unreserved);
}

/// Appends a value of which reserved characters and what is already encoded stay.
pub(super) fn encode_reserved_into(out: &mut String, value: &str) {
    let mut rest = value;
    while let Some(at) = rest.find('%') {
        let stays = |byte| is_unreserved(byte) || is_reserved(byte);
        encode_bytes(out, &rest.as_bytes()[..at], stays);
        let is_triplet = rest
            .as_bytes()
            .get(at + 1..at + 3)
            .is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit));
        if is_triplet {
            out.push_str(&rest[at..at + 3]);
            rest = &rest[at + 3..];
        } else {
            out.push_str("%25");
            rest = &rest[at + 1..];
        }
    }
    encode_bytes(out, rest.as_bytes(), |byte| {
        is_unreserved(byte) || is_reserved(byte)
    });
}

/// The text between expressions, as it stands in a URI.
pub(super) fn encode_literal(text: &str) -> Box<str> {
    let mut out = String::with_capacity(text.len());
    encode_reserved_into(&mut out, text);
    out.into()
}

fn encode_bytes(out: &mut String, bytes: &[u8], stays: impl Fn(u8) -> bool) {
    for &byte in bytes {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// The value with its triplets decoded; `None` when one is broken or the result is not UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte != b'%' {
            bytes.push(byte);
            rest = after;
            continue;
        }
        let (pair, after) = after.split_at_checked(2)?;
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let value = digit(pair[0])? * 16 + digit(pair[1])?;
        bytes.push(u8::try_from(value).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}
