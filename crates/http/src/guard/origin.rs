//! Which web origins may call this server.
//!
//! Browsers attach `Origin` to every cross-site POST; other clients send none.
//! A present origin must be one we allow (2026-07-28, Streamable HTTP,
//! security warning).

use super::authority::Authority;

/// The origins a browser may call from.
#[derive(Clone, Debug, Default)]
pub(crate) enum Origins {
    /// http and https origins on a loopback name, any port.
    #[default]
    Loopback,
    /// Exactly these.
    Listed(Vec<Listed>),
}

/// One configured origin, kept with its effective port.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    scheme: Box<str>,
    host: Box<str>,
    port: Option<u16>,
}

/// A serialised origin (RFC 6454 section 6.2) that borrows its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Origin<'a> {
    scheme: &'a str,
    authority: Authority<'a>,
}

impl<'a> Origin<'a> {
    fn parse(text: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let (scheme, rest) = text.split_once("://")?;
        let mut bytes = scheme.bytes();
        let starts_well = bytes.next().is_some_and(|b| b.is_ascii_alphabetic());
        let goes_on_well =
            bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        if !starts_well || !goes_on_well {
            return None;
        }
        let authority = Authority::parse(rest.as_bytes())?;
        Some(Self { scheme, authority })
    }

    fn is_web(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("http") || self.scheme.eq_ignore_ascii_case("https")
    }

    fn effective_port(&self) -> Option<u16> {
        self.authority
            .port
            .or_else(|| match self.scheme.to_ascii_lowercase().as_str() {
                "http" => Some(80),
                "https" => Some(443),
                _ => None,
            })
    }
}

impl Listed {
    /// Reads one configured origin; `None` if it is not a serialised origin.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let origin = Origin::parse(text.as_bytes())?;
        Some(Self {
            scheme: origin.scheme.to_ascii_lowercase().into(),
            host: origin.authority.host.to_ascii_lowercase().into(),
            port: origin.effective_port(),
        })
    }

    fn admits(&self, origin: &Origin<'_>) -> bool {
        self.scheme.eq_ignore_ascii_case(origin.scheme)
            && self.host.eq_ignore_ascii_case(origin.authority.host)
            && self.port == origin.effective_port()
    }
}

impl Origins {
    /// Whether a request that names `text` as its origin may go on.
    pub(crate) fn admit(&self, text: &[u8]) -> bool {
        let Some(origin) = Origin::parse(text) else {
            return false;
        };
        match self {
            Self::Loopback => origin.is_web() && origin.authority.is_loopback(),
            Self::Listed(listed) => listed.iter().any(|entry| entry.admits(&origin)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Listed, Origins};

    #[test]
    fn loopback_origins_are_the_default() {
        let origins = Origins::default();
        for (text, expected) in [
            ("http://localhost:5173", true),
            ("https://127.0.0.1", true),
            ("http://[::1]:80", true),
            ("null", false),
            ("", false),
            ("http://0.0.0.0:8000", false),
            ("http://evil.example.com", false),
            ("http://localhost.evil.example", false),
            ("http://localhost/path", false),
            ("http://localhost/", false),
            ("http://user@localhost", false),
            ("http://localhost http://evil.example", false),
            ("chrome-extension://abcdefgh", false),
            ("file://localhost", false),
            ("localhost", false),
            ("//localhost", false),
        ] {
            assert_eq!(origins.admit(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn listed_origins_compare_scheme_host_and_effective_port() {
        let origins = Origins::Listed(vec![
            Listed::parse("https://App.example.com").unwrap(),
            Listed::parse("http://dev.example:3000").unwrap(),
            Listed::parse("vscode-webview://panel").unwrap(),
        ]);
        for (text, expected) in [
            ("https://app.example.com", true),
            ("HTTPS://app.example.com:443", true),
            ("http://app.example.com", false),
            ("https://app.example.com:444", false),
            ("http://dev.example:3000", true),
            ("http://dev.example", false),
            ("vscode-webview://panel", true),
            ("http://localhost", false),
        ] {
            assert_eq!(origins.admit(text.as_bytes()), expected, "{text}");
        }
    }
}
