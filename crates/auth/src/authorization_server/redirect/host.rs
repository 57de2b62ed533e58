//! What a host names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use purlin_client::http::Reach;

use super::parts::Parts;

/// A host in its one spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host<'a> {
    Address(IpAddr),
    Name(&'a str),
}

/// Names under which there is no public host.
const NOT_PUBLIC: [&str; 9] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "home.arpa",
    "onion",
    "invalid",
    "svc",
    "cluster.local",
];

impl<'a> Host<'a> {
    /// `None` for what is encoded, malformed, or an address in another spelling than its own.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        if let Some(inside) = text.strip_prefix('[') {
            let address: Ipv6Addr = inside.strip_suffix(']')?.parse().ok()?;
            return Some(Self::Address(address.into()));
        }
        if text.len() > 253 || !text.split('.').all(is_label) {
            return None;
        }
        let last = text.rsplit('.').next().unwrap_or_default();
        if is_number(last) {
            // Readers agree on four decimal octets alone; `127.1` and `0x7f.1` are traps.
            let address: Ipv4Addr = text.parse().ok()?;
            return Some(Self::Address(address.into()));
        }
        Some(Self::Name(text))
    }

    /// This machine: 127/8, `[::1]`, `localhost` and what is below it (RFC 6761, section 6.3).
    pub(super) fn is_loopback(self) -> bool {
        match self {
            Self::Address(address) => address.is_loopback(),
            Self::Name(name) => is_within(name, "localhost"),
        }
    }

    /// A host that everybody reaches.
    pub(super) fn is_public(self) -> bool {
        match self {
            Self::Address(address) => Reach::Public.admits(address),
            Self::Name(name) => {
                let special = NOT_PUBLIC.iter().any(|domain| is_within(name, domain));
                name.contains('.') && !special
            }
        }
    }
}

fn is_label(label: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(known)
}

/// What readers for the web take for a part of an IPv4 address (WHATWG URL, "ends in a number").
fn is_number(label: &str) -> bool {
    let hexadecimal = label
        .strip_prefix("0x")
        .or_else(|| label.strip_prefix("0X"));
    let is_hexadecimal = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    label.bytes().all(|byte| byte.is_ascii_digit()) || hexadecimal.is_some_and(is_hexadecimal)
}

/// Whether a name is a domain or below it, by whole labels.
fn is_within(name: &str, domain: &str) -> bool {
    let Some(start) = name.len().checked_sub(domain.len()) else {
        return false;
    };
    let (above, end) = name.split_at_checked(start).unwrap_or((name, ""));
    end.eq_ignore_ascii_case(domain) && (above.is_empty() || above.ends_with('.'))
}

/// Whether this leads to the user's own machine, where any program may listen: whoever consents has
/// to be told.
pub(crate) fn is_loopback(uri: &str) -> bool {
    let host = Parts::of(uri).ok().and_then(|parts| parts.host);
    host.and_then(Host::parse).is_some_and(Host::is_loopback)
}
