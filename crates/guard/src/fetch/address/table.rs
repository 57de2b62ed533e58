//! Which addresses belong to the public internet.
//!
//! From the IANA registries of special-purpose addresses, and what clouds put beside them. Every
//! form that embeds an IPv4 address in an IPv6 one lies outside of what is allowed.

use std::net::Ipv6Addr;

use super::range::IpRange;

/// IPv4 ranges that are no part of the public internet, and the one address at which Azure
/// keeps its metadata in the midst of it.
pub(super) const REFUSED_V4: [IpRange; 19] = [
    IpRange::v4([0, 0, 0, 0], 8),
    IpRange::v4([10, 0, 0, 0], 8),
    IpRange::v4([100, 64, 0, 0], 10),
    IpRange::v4([127, 0, 0, 0], 8),
    IpRange::v4([169, 254, 0, 0], 16),
    IpRange::v4([172, 16, 0, 0], 12),
    IpRange::v4([192, 0, 0, 0], 24),
    IpRange::v4([192, 0, 2, 0], 24),
    IpRange::v4([192, 31, 196, 0], 24),
    IpRange::v4([192, 52, 193, 0], 24),
    IpRange::v4([192, 88, 99, 0], 24),
    IpRange::v4([192, 168, 0, 0], 16),
    IpRange::v4([192, 175, 48, 0], 24),
    IpRange::v4([198, 18, 0, 0], 15),
    IpRange::v4([198, 51, 100, 0], 24),
    IpRange::v4([203, 0, 113, 0], 24),
    IpRange::v4([224, 0, 0, 0], 4),
    IpRange::v4([240, 0, 0, 0], 4),
    IpRange::v4([168, 63, 129, 16], 32),
];

/// What of IPv6 is given out at all.
pub(super) const GLOBAL_V6: IpRange = IpRange::v6([0x2000, 0, 0], 3);

/// Ranges in the midst of it that are special, or lead to other addresses.
pub(super) const REFUSED_V6: [IpRange; 5] = [
    IpRange::v6([0x2001, 0, 0], 23),
    IpRange::v6([0x2001, 0x0db8, 0], 32),
    IpRange::v6([0x2002, 0, 0], 16),
    IpRange::v6([0x3fff, 0, 0], 20),
    IpRange::v6([0x2620, 0x004f, 0x8000], 48),
];

/// Where clouds hand out credentials. No configuration opens these.
pub(super) const NEVER: [IpRange; 6] = [
    IpRange::v4([169, 254, 0, 0], 16),
    IpRange::v4([168, 63, 129, 16], 32),
    IpRange::v4([100, 100, 100, 200], 32),
    IpRange::v4([192, 0, 0, 192], 32),
    IpRange::v6([0xfd00, 0x0ec2, 0], 32),
    IpRange::only(Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254)),
];

/// The networks behind one's own door: private and shared addresses, and this machine.
pub(super) const PRIVATE: [IpRange; 7] = [
    IpRange::v4([10, 0, 0, 0], 8),
    IpRange::v4([100, 64, 0, 0], 10),
    IpRange::v4([127, 0, 0, 0], 8),
    IpRange::v4([172, 16, 0, 0], 12),
    IpRange::v4([192, 168, 0, 0], 16),
    IpRange::v6([0xfc00, 0, 0], 7),
    IpRange::only(Ipv6Addr::LOCALHOST),
];

/// The prefix under which a translator shows the IPv4 internet to IPv6-only machines (RFC 6052).
pub(super) const NAT64: IpRange = IpRange::v6([0x0064, 0xff9b, 0], 96);
