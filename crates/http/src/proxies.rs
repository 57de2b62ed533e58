//! From which address a request came when a proxy has handed it on.
//!
//! Anybody can write `Forwarded` and `X-Forwarded-For`, so nothing in them counts unless the
//! connection itself comes from a proxy that was named. They are read from the right, where the
//! proxy next to us has written, and no further than to the first address that is no proxy of ours:
//! what stands left of it was written by strangers.

use std::net::{IpAddr, SocketAddr};

use http::{Extensions, HeaderMap, HeaderName, header::FORWARDED};
use ipnet::IpNet;

use crate::protect::Peer;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The most proxies that one request is followed through.
const MOST_HOPS: usize = 16;

/// The address of whoever has sent a request, in its extensions: beyond the proxies that
/// [`HttpConfig::trusted_proxies`](crate::HttpConfig::trusted_proxies) names.
///
/// Everything that limits, locks out, counts or logs by address goes by it. Where it is not there,
/// nobody stands in between, and the address is the [`Peer`]'s.
///
/// ```
/// use purlin_http::{ClientAddress, Peer};
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(Peer([10, 0, 0, 7].into()));
/// assert_eq!(ClientAddress::of(request.extensions()), Some([10, 0, 0, 7].into()));
/// request.extensions_mut().insert(ClientAddress([192, 0, 2, 1].into()));
/// assert_eq!(ClientAddress::of(request.extensions()), Some([192, 0, 2, 1].into()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(
    /// The address.
    pub IpAddr,
);

impl ClientAddress {
    /// The address that a request with these extensions came from, if anybody has said so.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<IpAddr> {
        let said = extensions.get::<Self>().map(|client| client.0);
        said.or_else(|| Some(extensions.get::<Peer>()?.0))
    }
}

/// The proxies whose word about addresses is believed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Adds an address, or a range of them such as `10.0.0.0/8`; `None` for anything else.
    pub(crate) fn add(&mut self, range: &str) -> Option<()> {
        let range = match range.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address.to_canonical()),
            Err(_) => range.parse().ok()?,
        };
        self.0.push(range);
        Some(())
    }

    /// Whether an address is that of a proxy.
    pub(crate) fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|range| range.contains(&address))
    }

    /// Where a request came from that `peer` has sent or handed on.
    ///
    /// It is the peer, unless that is a proxy. Then it is the rightmost address that is no proxy;
    /// the leftmost one, where all are. It is the peer again where the headers are malformed up to
    /// there, name too many proxies, or say two different things: a proxy that appends to one of
    /// them lets through what a stranger has written into the other.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trust(peer) {
            return peer;
        }
        let forwarded = self.named(headers, &FORWARDED, forwarded_for);
        let x_forwarded = self.named(headers, &X_FORWARDED_FOR, |element| node(element.trim()));
        let client = match (forwarded, x_forwarded) {
            (Named::Client(one), Named::Client(other)) if one == other => Some(one),
            (Named::Client(client), Named::Nobody) | (Named::Nobody, Named::Client(client)) => {
                Some(client)
            }
            _ => None,
        };
        client.unwrap_or(peer)
    }

    /// The client that one of the headers names.
    fn named(
        &self,
        headers: &HeaderMap,
        name: &HeaderName,
        read: impl Fn(&str) -> Option<IpAddr>,
    ) -> Named {
        let mut leftmost = Named::Nobody;
        let lines = headers.get_all(name).iter().rev();
        let elements = lines.flat_map(|line| Elements(Some(line.as_bytes())));
        for (hop, element) in elements.enumerate() {
            let element = std::str::from_utf8(element).ok();
            let Some(address) = element.filter(|_| hop < MOST_HOPS).and_then(&read) else {
                return Named::Unclear;
            };
            leftmost = Named::Client(address);
            if !self.trust(address) {
                break;
            }
        }
        leftmost
    }
}

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// It is not there.
    Nobody,
    Client(IpAddr),
    Unclear,
}

/// The elements of a list, from the right. Quotes are counted from there too: one that a stranger
/// has left open swallows nothing that a proxy has appended.
struct Elements<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let text = self.0.take()?;
        let mut quoted = false;
        let comma = text.iter().rposition(|byte| {
            quoted ^= *byte == b'"';
            *byte == b',' && !quoted
        });
        let Some(comma) = comma else {
            return Some(text);
        };
        self.0 = text.get(..comma);
        text.get(comma + 1..)
    }
}

/// The address of `for` in one element of `Forwarded` (RFC 7239, section 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in element.split(';') {
        let (name, value) = pair.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("for") && found.replace(value.trim()).is_some() {
            return None;
        }
    }
    let value = found?;
    match value.strip_prefix('"') {
        Some(quoted) => node(quoted.strip_suffix('"')?),
        // Colons and brackets have to be quoted.
        None => value.parse().ok(),
    }
}

/// An address, with or without a port. What hides who it was (`unknown`, `_name`) is none.
fn node(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address: IpAddr = text
        .parse()
        .ok()
        .or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))
        .or_else(|| bracketed().map(IpAddr::V6))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, lines: &[(&'static str, &str)]) -> String {
        let mut proxies = Proxies::default();
        for range in ["10.0.0.0/8", "2001:db8:aa::/48", "192.0.2.9"] {
            proxies.add(range).unwrap();
        }
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    const F: &str = "forwarded";
    const X: &str = "x-forwarded-for";

    #[test]
    fn nobody_but_a_proxy_is_believed() {
        for lines in [[(X, "198.51.100.1")], [(F, "for=198.51.100.1")]] {
            assert_eq!(client("203.0.113.5", &lines), "203.0.113.5");
            assert_eq!(client("10.0.0.7", &lines), "198.51.100.1");
            assert_eq!(client("::ffff:10.0.0.7", &lines), "198.51.100.1");
            assert_eq!(client("2001:db8:aa::1", &lines), "198.51.100.1");
            assert_eq!(client("2001:db8:ab::1", &lines), "2001:db8:ab::1");
        }
        assert_eq!(client("10.0.0.7", &[]), "10.0.0.7");
    }

    #[test]
    fn the_rightmost_stranger_counts() {
        let at = |lines: &[(&'static str, &str)]| client("10.0.0.7", lines);
        for (value, expected) in [
            ("1.1.1.1, 198.51.100.1", "198.51.100.1"),
            ("1.1.1.1,198.51.100.1, 10.0.0.9,192.0.2.9", "198.51.100.1"),
            ("rubbish, \" , 198.51.100.1", "198.51.100.1"),
            ("198.51.100.1:4711", "198.51.100.1"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
            ("2001:db8::5", "2001:db8::5"),
            ("[2001:db8::5]", "2001:db8::5"),
            ("[2001:db8::5]:4711", "2001:db8::5"),
            ("10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ] {
            assert_eq!(at(&[(X, value)]), expected, "{value}");
        }
        assert_eq!(at(&[(X, "1.1.1.1"), (X, "198.51.100.1")]), "198.51.100.1");
        assert_eq!(at(&[(X, "198.51.100.1"), (X, "10.0.0.9")]), "198.51.100.1");
        for (value, expected) in [
            ("for=1.1.1.1, for=198.51.100.1", "198.51.100.1"),
            ("For=\"198.51.100.1:4711\";proto=https", "198.51.100.1"),
            ("by=10.0.0.1; for=\"[2001:db8::5]:4711\"", "2001:db8::5"),
            ("for=\"[2001:db8::5]\", for=10.0.0.9", "2001:db8::5"),
            ("for=198.51.100.1;host=\"a,b\"", "198.51.100.1"),
            ("for=\", for=198.51.100.1", "198.51.100.1"),
        ] {
            assert_eq!(at(&[(F, value)]), expected, "{value}");
        }
    }

    #[test]
    fn what_is_malformed_is_the_proxy_itself() {
        for value in [
            "",
            "unknown",
            "198.51.100.1 198.51.100.2",
            "198.51.100.1,",
            "198.51.100.256",
            "198.51.100.1:99999",
            "rubbish, 10.0.0.9",
            "\u{fc}",
        ] {
            assert_eq!(client("10.0.0.7", &[(X, value)]), "10.0.0.7", "{value}");
        }
        for value in [
            "",
            "for",
            "proto=https",
            "for=unknown",
            "for=_hidden",
            "for=1.1.1.1;for=2.2.2.2",
            "for=2001:db8::5:4711:",
            "for=\"198.51.100.1",
            "for=\\198.51.100.1",
            "198.51.100.1",
        ] {
            assert_eq!(client("10.0.0.7", &[(F, value)]), "10.0.0.7", "{value}");
        }
    }

    #[test]
    fn what_passes_through_a_proxy_beside_its_own_word_is_not_believed() {
        let disagree = [(F, "for=1.1.1.1"), (X, "198.51.100.1")];
        assert_eq!(client("10.0.0.7", &disagree), "10.0.0.7");
        let agree = [(F, "for=198.51.100.1"), (X, "1.1.1.1, 198.51.100.1")];
        assert_eq!(client("10.0.0.7", &agree), "198.51.100.1");
        let broken = [(F, "for=unknown"), (X, "198.51.100.1")];
        assert_eq!(client("10.0.0.7", &broken), "10.0.0.7");
    }

    #[test]
    fn a_chain_is_followed_so_far_and_no_further() {
        let chain = |proxies| format!("198.51.100.1{}", ", 10.0.0.9".repeat(proxies));
        assert_eq!(client("10.0.0.7", &[(X, &chain(15))]), "198.51.100.1");
        assert_eq!(client("10.0.0.7", &[(X, &chain(16))]), "10.0.0.7");
    }

    #[test]
    fn a_range_is_addresses_alone() {
        let mut proxies = Proxies::default();
        for text in ["10.0.0.0/33", "proxy.example", "10.0.0.0/", "*", ""] {
            assert_eq!(proxies.add(text), None, "{text}");
        }
        assert!(!proxies.trust([10, 0, 0, 1].into()));
    }
}
