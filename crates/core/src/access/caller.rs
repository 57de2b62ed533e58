//! Whom a limit counts.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
};

use crate::Context;

/// Who a request is counted for: whoever was verified, else the address it came
/// from, else its connection or session.
///
/// An address goes before a session, since a new session costs nothing.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    Principal(String),
    Address(IpAddr),
    Link(u64),
    /// Nothing tells these callers apart: they share an allowance.
    Nobody,
}

impl Caller {
    pub(crate) fn of(cx: &Context) -> Self {
        let origin = cx.origin();
        if let Some(principal) = origin.principal() {
            return Self::Principal(principal.identity());
        }
        if let Some(peer) = origin.peer() {
            return Self::Address(network(peer));
        }
        match origin.link() {
            Some(link) => Self::Link(link.serial()),
            None => Self::Nobody,
        }
    }
}

/// The part of an address that its holder cannot choose: of IPv6 the first 64
/// bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {

    #[test]
    fn a_network_is_one_caller() {
        let network = |text: &str| super::network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
