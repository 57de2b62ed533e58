//! The parts of a URI, found and not changed.

use super::check::InvalidRedirectUri as Invalid;

/// A URI and where its parts are (RFC 3986, section 3).
///
/// Parsers for the web repair what they read (`http:/x`, `\`, tabs), and a browser repairs
/// otherwise. This one refuses whatever has two readings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) scheme: &'a str,
    /// `None` for `scheme:/path`, which apps use (RFC 8252, section 7.1).
    pub(crate) host: Option<&'a str>,
    pub(crate) port: Option<u16>,
    /// With its slash.
    pub(crate) path: &'a str,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(text: &'a str) -> Result<Self, Invalid> {
        characters(text)?;
        let (scheme, rest) = text.split_once(':').ok_or(Invalid::Malformed)?;
        if !is_scheme(scheme) {
            return Err(Invalid::Malformed);
        }
        let (authority, rest) = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, rest) = split_at_any(rest, &['/', '?']);
                (Some(authority), rest)
            }
            None if rest.starts_with('/') => (None, rest),
            None => return Err(Invalid::NoHost),
        };
        let (host, port) = authority.map(host_and_port).transpose()?.unzip();
        let (path, _query) = split_at_any(rest, &['?']);
        if has_dot_segments(path) {
            return Err(Invalid::DotSegments);
        }
        let port = port.flatten();
        Ok(Self {
            scheme,
            host,
            port,
            path,
        })
    }

    pub(super) fn has_scheme(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }
}

/// What no URI holds, and what stands for something else in ours.
fn characters(text: &str) -> Result<(), Invalid> {
    if text.contains('#') {
        return Err(Invalid::Fragment);
    }
    if text.contains('*') {
        return Err(Invalid::Wildcard);
    }
    let is_known =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()+,;=%".contains(&byte);
    if !text.bytes().all(is_known) || !is_percent_encoded_well(text) {
        return Err(Invalid::Characters);
    }
    Ok(())
}

fn is_percent_encoded_well(text: &str) -> bool {
    let mut rest = text.split('%');
    _ = rest.next();
    rest.all(|piece| {
        let digits = piece.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

pub(super) fn is_scheme(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Splits before the first of these characters.
fn split_at_any<'a>(text: &'a str, at: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(at).unwrap_or(text.len()))
}

fn host_and_port(authority: &str) -> Result<(&str, Option<u16>), Invalid> {
    if authority.contains('@') {
        return Err(Invalid::UserInfo);
    }
    // The colons inside brackets belong to the address.
    let (host, port) = match authority.rfind(':') {
        Some(colon) if !authority[colon..].contains(']') => {
            (&authority[..colon], Some(&authority[colon + 1..]))
        }
        _ => (authority, None),
    };
    if host.is_empty() {
        return Err(Invalid::NoHost);
    }
    let port = port.map(|port| canonical_port(port).ok_or(Invalid::Port));
    Ok((host, port.transpose()?))
}

/// A port in its one spelling: no sign, no leading zero, not zero.
pub(super) fn canonical_port(text: &str) -> Option<u16> {
    let port: u16 = text.parse().ok()?;
    (port != 0 && port.to_string() == text).then_some(port)
}

/// Whether some reader would leave the path upwards: `.` or `..` as a segment, however often
/// encoded, and behind whatever some readers take for a slash.
fn has_dot_segments(path: &str) -> bool {
    let mut text = path.as_bytes().to_vec();
    loop {
        let is_dots = |segment: &[u8]| segment == b"." || segment == b"..";
        if text.split(|byte| b"/\\".contains(byte)).any(is_dots) {
            return true;
        }
        let decoded = decode(&text);
        // Each round is shorter than the one before, so this ends.
        if decoded.len() == text.len() {
            return false;
        }
        text = decoded;
    }
}

/// Takes one layer of percent-encoding off.
fn decode(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let encoded = (*first == b'%')
            .then(|| after.get(..2).and_then(byte_of))
            .flatten();
        decoded.push(encoded.unwrap_or(*first));
        rest = &after[encoded.map_or(0, |_| 2)..];
    }
    decoded
}

fn byte_of(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    let are_digits = digits.iter().all(u8::is_ascii_hexdigit);
    are_digits
        .then(|| u8::from_str_radix(text, 16).ok())
        .flatten()
}
