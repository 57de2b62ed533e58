//! IPv4 addresses inside of IPv6 ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::range::IpRange;

/// The IPv4 addresses that some mechanism may read out of an IPv6 address, for whatever network
/// it is in. One that is no such form yields addresses too, which nobody means; so this serves to
/// refuse, never to allow.
pub(super) fn embedded(address: Ipv6Addr) -> impl Iterator<Item = Ipv4Addr> {
    let bits = address.to_bits();
    let octets = address.octets();
    let at = |shift: u32| Ipv4Addr::from_bits((bits >> shift) as u32);
    let picked = |places: [usize; 4]| Ipv4Addr::from(places.map(|place| octets[place]));
    let within = |segments, length| IpRange::v6(segments, length).contains(IpAddr::V6(address));
    let local = within([0x0064, 0xff9b, 1], 48);
    [
        // Mapped, compatible, translated (SIIT): the last 32 bits.
        (bits >> 64 == 0).then(|| at(0)),
        // NAT64, with the prefix for everybody and with that for networks of one's own.
        within([0x0064, 0xff9b, 0], 32).then(|| at(0)),
        // The same where the prefix is 48, 56 or 64 bits long; octet 8 is no part of the address
        // (RFC 6052, section 2.2).
        local.then(|| picked([6, 7, 9, 10])),
        local.then(|| picked([7, 9, 10, 11])),
        local.then(|| picked([9, 10, 11, 12])),
        // 6to4: behind the prefix. Teredo: the server, and the client with its bits turned over.
        within([0x2002, 0, 0], 16).then(|| at(80)),
        within([0x2001, 0, 0], 32).then(|| at(64)),
        within([0x2001, 0, 0], 32).then(|| Ipv4Addr::from_bits(!at(0).to_bits())),
        isatap(address),
    ]
    .into_iter()
    .flatten()
}

/// The address in an identifier of ISATAP (RFC 5214), which any prefix may have.
pub(super) fn isatap(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let marked = segments[4] & !0x0200 == 0 && segments[5] == 0x5efe;
    marked.then(|| Ipv4Addr::from_bits(address.to_bits() as u32))
}
