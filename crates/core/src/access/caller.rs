//! Whom a limit counts.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use crate::Context;

/// Who a request is counted for: whoever was verified, else the address it came
/// from, else its connection or session.
///
/// An address goes before a session, since a new session costs nothing. What a
/// client says of itself plays no part.
///
/// ```
/// use purlin_core::{Context, access::Caller};
///
/// fn is_known(cx: &Context) -> bool {
///     matches!(Caller::of(cx), Caller::Principal(_))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Caller {
    /// By [`Principal::identity`](crate::Principal::identity).
    Principal(Arc<str>),
    /// By address; of IPv6 the first 64 bits, for its holder chooses the rest.
    Address(IpAddr),
    /// By connection or session of this process.
    Link(u64),
    /// Nothing tells these callers apart: they share an allowance.
    Nobody,
}

impl Caller {
    /// Who is counted for this request.
    pub fn of(cx: &Context) -> Self {
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

    /// A text that means the same caller in every process, for keys of a shared
    /// store; `None` for those whom only this process can tell apart.
    pub fn key(&self) -> Option<String> {
        match self {
            Self::Principal(identity) => Some(format!("principal {identity}")),
            Self::Address(address) => Some(format!("address {address}")),
            Self::Link(_) | Self::Nobody => None,
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
    use super::*;

    #[test]
    fn no_two_callers_have_one_key() {
        let principal = Caller::Principal("address 192.0.2.1".into());
        let address = Caller::Address("192.0.2.1".parse().unwrap());
        assert_ne!(principal.key(), address.key());
        assert_eq!(Caller::Link(1).key(), None);
    }

    #[test]
    fn a_network_is_one_caller() {
        let caller = |text: &str| network(text.parse().unwrap());
        assert_eq!(caller("2001:db8::1"), caller("2001:db8::ffff:2"));
        assert_ne!(caller("2001:db8::1"), caller("2001:db8:0:1::1"));
        assert_eq!(caller("::ffff:192.0.2.1"), caller("192.0.2.1"));
        assert_ne!(caller("192.0.2.1"), caller("192.0.2.2"));
    }
}
