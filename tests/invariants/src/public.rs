//! Which addresses are public, by the first and the last of each range that is not: intervals, as
//! the registries of IANA print them, where the guard compares masks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What is special in IPv4, and the address at which Azure speaks to its machines.
const V4: [([u8; 4], [u8; 4]); 19] = [
    ([0, 0, 0, 0], [0, 255, 255, 255]),
    ([10, 0, 0, 0], [10, 255, 255, 255]),
    ([100, 64, 0, 0], [100, 127, 255, 255]),
    ([127, 0, 0, 0], [127, 255, 255, 255]),
    ([168, 63, 129, 16], [168, 63, 129, 16]),
    ([169, 254, 0, 0], [169, 254, 255, 255]),
    ([172, 16, 0, 0], [172, 31, 255, 255]),
    ([192, 0, 0, 0], [192, 0, 0, 255]),
    ([192, 0, 2, 0], [192, 0, 2, 255]),
    ([192, 31, 196, 0], [192, 31, 196, 255]),
    ([192, 52, 193, 0], [192, 52, 193, 255]),
    ([192, 88, 99, 0], [192, 88, 99, 255]),
    ([192, 168, 0, 0], [192, 168, 255, 255]),
    ([192, 175, 48, 0], [192, 175, 48, 255]),
    ([198, 18, 0, 0], [198, 19, 255, 255]),
    ([198, 51, 100, 0], [198, 51, 100, 255]),
    ([203, 0, 113, 0], [203, 0, 113, 255]),
    ([224, 0, 0, 0], [239, 255, 255, 255]),
    ([240, 0, 0, 0], [255, 255, 255, 255]),
];

/// Whether an address is one of the public internet.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    // Arrays compare as the numbers they spell.
    let octets = address.octets();
    !V4.iter()
        .any(|(first, last)| *first <= octets && octets <= *last)
}

/// By the segments from the left, as one reads an address aloud.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, .., e, f, g, h] = address.segments();
    let special = match a {
        0x2001 => b < 0x0200 || b == 0x0db8,
        0x2002 => true,
        0x2620 => b == 0x004f && c == 0x8000,
        0x3fff => b < 0x1000,
        0x2000..=0x3ffe => false,
        _ => true,
    };
    let isatap = (e == 0 || e == 0x0200) && f == 0x5efe;
    let [[g0, g1], [h0, h1]] = [g, h].map(u16::to_be_bytes);
    !special && (!isatap || is_public_v4(Ipv4Addr::new(g0, g1, h0, h1)))
}
