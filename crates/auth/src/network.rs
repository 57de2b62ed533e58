//! Whom an address stands for where callers are counted.

use std::net::{IpAddr, Ipv6Addr};

/// The part of an address that its holder cannot choose: of IPv6 the first 64 bits.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}
