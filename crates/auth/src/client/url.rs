//! URLs as the texts they are.
//!
//! Identifiers of OAuth are compared byte by byte, and a type that parses URLs also normalises
//! them (`https://as` becomes `https://as/`). So this one only points at the parts of a text.

use std::net::IpAddr;

use super::Result;
use super::error::{AuthError, AuthErrorKind, excerpt};

/// An absolute `http` or `https` URL, and where its parts are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Url<'a> {
    text: &'a str,
    scheme: &'a str,
    authority: &'a str,
    /// Empty, or starts with a slash.
    pub(super) path: &'a str,
}

impl<'a> Url<'a> {
    /// # Errors
    /// For every other scheme, for user names in URLs, and for what no URL consists of.
    pub(super) fn parse(text: &'a str) -> Result<Self> {
        Self::parts(text).ok_or_else(|| {
            let message = format!("`{}` is no `https` or `http` URL", excerpt(text));
            AuthError::new(AuthErrorKind::Mismatch, message)
        })
    }

    fn parts(text: &'a str) -> Option<Self> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains('\\') {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        if !["http", "https"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
        {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let path = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
        let url = Self {
            text,
            scheme,
            authority,
            path,
        };
        (!authority.contains('@') && !url.host().is_empty()).then_some(url)
    }

    fn host(&self) -> &'a str {
        self.host_and_port().0
    }

    fn host_and_port(&self) -> (&'a str, &'a str) {
        // The colons inside brackets belong to the address.
        match self.authority.rfind(':') {
            Some(colon) if !self.authority[colon..].contains(']') => {
                (&self.authority[..colon], &self.authority[colon + 1..])
            }
            _ => (self.authority, ""),
        }
    }

    /// The host as resolvers take it: addresses without their brackets.
    pub(super) fn bare_host(&self) -> &'a str {
        self.host().trim_start_matches('[').trim_end_matches(']')
    }

    /// The port, said or not.
    pub(super) fn known_port(&self) -> u16 {
        let default = if self.is_https() { 443 } else { 80 };
        self.port().unwrap_or(default)
    }

    pub(super) fn port(&self) -> Option<u16> {
        self.host_and_port().1.parse().ok()
    }

    pub(super) fn is_https(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("https")
    }

    /// Scheme, host and port in their one spelling, without the port that goes without saying.
    pub(super) fn origin(&self) -> String {
        let (host, port) = self.host_and_port();
        let scheme = self.scheme.to_ascii_lowercase();
        let host = host.to_ascii_lowercase();
        match (scheme.as_str(), port) {
            (_, "") | ("http", "80") | ("https", "443") => format!("{scheme}://{host}"),
            _ => format!("{scheme}://{host}:{port}"),
        }
    }

    /// Scheme and authority as they are written.
    pub(super) fn base(&self) -> &'a str {
        &self.text[..self.scheme.len() + "://".len() + self.authority.len()]
    }

    /// Everything before the query: what a proof of possession names (RFC 9449, section 4.2).
    pub(super) fn without_query(&self) -> &'a str {
        &self.text[..self.base().len() + self.path.len()]
    }

    pub(super) fn has_fragment(&self) -> bool {
        self.text.contains('#')
    }

    /// Whether it names this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.host().to_ascii_lowercase();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse();
        host == "localhost"
            || host.ends_with(".localhost")
            || address.is_ok_and(|address: IpAddr| address.is_loopback())
    }

    /// Whether `self` names something at or below `parent`: same origin, and a path that starts
    /// with the parent's at a slash.
    pub(super) fn is_within(&self, parent: &Url<'_>) -> bool {
        let above = parent.path.trim_end_matches('/');
        self.origin() == parent.origin()
            && self
                .path
                .strip_prefix(above)
                .is_some_and(|below| below.is_empty() || below.starts_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_url_are_found() {
        let url = Url::parse("HTTPS://As.test:443/a/b?c#d").unwrap();
        assert_eq!(url.origin(), "https://as.test");
        assert_eq!(url.base(), "HTTPS://As.test:443");
        assert_eq!(url.path, "/a/b");
        assert_eq!(url.without_query(), "HTTPS://As.test:443/a/b");
        assert!(url.is_https() && url.has_fragment());
        assert_eq!(
            Url::parse("http://[::1]:80").unwrap().origin(),
            "http://[::1]"
        );
        assert_eq!(Url::parse("http://[::1]").unwrap().origin(), "http://[::1]");
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        for text in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://",
            "https://user@as.test",
            "https://a b",
            "https://as.test\\@evil.test",
            "/relative",
            "",
        ] {
            assert!(Url::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for (text, expected) in [
            ("http://localhost:3000", true),
            ("http://a.localhost", true),
            ("http://127.8.0.1", true),
            ("http://[::1]:9", true),
            ("http://localhost.evil.test", false),
            ("http://128.0.0.1", false),
        ] {
            assert_eq!(Url::parse(text).unwrap().is_loopback(), expected, "{text}");
        }
    }

    #[test]
    fn a_resource_covers_what_is_below_it_and_nothing_beside_it() {
        let server = Url::parse("https://mcp.test/tenant/mcp").unwrap();
        for (resource, covers) in [
            ("https://mcp.test/tenant/mcp", true),
            ("https://MCP.test:443/tenant", true),
            ("https://mcp.test/tenant/", true),
            ("https://mcp.test", true),
            ("https://mcp.test/", true),
            ("https://mcp.test/ten", false),
            ("https://mcp.test/tenant/mcp/more", false),
            ("http://mcp.test/tenant/mcp", false),
            ("https://evil.test/tenant/mcp", false),
        ] {
            let parent = Url::parse(resource).unwrap();
            assert_eq!(server.is_within(&parent), covers, "{resource}");
        }
    }
}
