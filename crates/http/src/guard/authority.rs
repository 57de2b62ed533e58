//! A host with an optional port, as it stands in `Host`, `:authority` and
//! origins.
//!
//! Parsing is strict on purpose: what a browser, a proxy and we might read
//! differently is not a host (RFC 9112 section 3.2, RFC 3986 section 3.2.2).

use std::net::{Ipv4Addr, Ipv6Addr};

/// A parsed authority that borrows its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Authority<'a> {
    /// The host without the brackets of an IPv6 address.
    pub(crate) host: &'a str,
    pub(crate) port: Option<u16>,
}

impl<'a> Authority<'a> {
    /// Reads `host`, `host:port`, `[v6]` or `[v6]:port`; `None` for anything
    /// else.
    pub(crate) fn parse(text: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            let port = match rest.strip_prefix(':') {
                Some(port) => Some(parse_port(port)?),
                None if rest.is_empty() => None,
                None => return None,
            };
            return Some(Self { host, port });
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, Some(parse_port(port)?)),
            None => (text, None),
        };
        let named = !host.is_empty() && host.len() <= 253 && host.bytes().all(is_host_byte);
        named.then_some(Self { host, port })
    }

    /// Whether the host means this machine: `localhost`, 127.0.0.0/8, `[::1]`.
    pub(crate) fn is_loopback(&self) -> bool {
        if self.host.eq_ignore_ascii_case("localhost") {
            return true;
        }
        if self.host.contains(':') {
            return self.host.parse() == Ok(Ipv6Addr::LOCALHOST);
        }
        self.host
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
    }
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

fn parse_port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::Authority;

    #[test]
    fn reads_hosts_and_ports() {
        for (text, host, port) in [
            ("localhost", "localhost", None),
            ("localhost:8000", "localhost", Some(8000)),
            ("127.0.0.1:65535", "127.0.0.1", Some(65535)),
            ("[::1]", "::1", None),
            ("[::1]:80", "::1", Some(80)),
            ("Example.COM", "Example.COM", None),
        ] {
            let expected = Authority { host, port };
            assert_eq!(Authority::parse(text.as_bytes()), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_one_host() {
        for text in [
            "",
            ":80",
            "a:",
            "a:65536",
            "a:+80",
            "a:80:80",
            "a b",
            "a,b",
            "user@a",
            "a/b",
            "a%00",
            "::1",
            "[::1",
            "[::1]x",
            "[fe80::1%eth0]",
            "[nonsense]",
            "b\u{fc}cher.example",
        ] {
            assert_eq!(Authority::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn loopback_is_decided_by_value_not_by_look() {
        for (text, expected) in [
            ("LOCALHOST", true),
            ("127.8.9.10", true),
            ("[0:0:0:0:0:0:0:1]", true),
            ("0.0.0.0", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example", false),
            ("0177.0.0.1", false),
            ("2130706433", false),
            ("[::ffff:127.0.0.1]", false),
        ] {
            let authority = Authority::parse(text.as_bytes()).unwrap();
            assert_eq!(authority.is_loopback(), expected, "{text}");
        }
    }
}
