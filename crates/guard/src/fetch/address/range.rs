//! Ranges of addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::fetch::ConfigError;

/// A range of addresses: `10.0.0.0/8`, `fd00:1::/32`, or one address alone.
///
/// ```
/// use purlin_guard::fetch::IpRange;
///
/// let range: IpRange = "10.1.0.0/16".parse()?;
/// assert!(range.contains("10.1.2.3".parse()?) && !range.contains("10.2.0.0".parse()?));
/// assert!("10.1.2.3/16".parse::<IpRange>().is_err()); // which one is meant?
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct IpRange(Bits);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Bits {
    V4 { first: u32, length: u32 },
    V6 { first: u128, length: u32 },
}

impl IpRange {
    /// A range of the tables.
    pub(super) const fn v4(octets: [u8; 4], length: u32) -> Self {
        let first = u32::from_be_bytes(octets);
        Self(Bits::V4 { first, length })
    }

    /// A range of the tables; the segments that are not said are 0.
    pub(super) const fn v6(segments: [u16; 3], length: u32) -> Self {
        let [one, two, three] = segments;
        let first = Ipv6Addr::new(one, two, three, 0, 0, 0, 0, 0).to_bits();
        Self(Bits::V6 { first, length })
    }

    /// One address.
    pub(super) const fn only(address: Ipv6Addr) -> Self {
        let first = address.to_bits();
        Self(Bits::V6 { first, length: 128 })
    }

    /// Whether an address is in the range. A mapped address (`::ffff:10.0.0.1`) is none of IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.0, address) {
            (Bits::V4 { first, length }, IpAddr::V4(address)) => {
                mask_v4(length) & address.to_bits() == first
            }
            (Bits::V6 { first, length }, IpAddr::V6(address)) => {
                mask_v6(length) & address.to_bits() == first
            }
            _ => false,
        }
    }
}

const fn mask_v4(length: u32) -> u32 {
    match u32::MAX.checked_shl(32 - length) {
        Some(mask) => mask,
        None => 0,
    }
}

const fn mask_v6(length: u32) -> u128 {
    match u128::MAX.checked_shl(128 - length) {
        Some(mask) => mask,
        None => 0,
    }
}

impl FromStr for IpRange {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let fault = |what: &str| {
            ConfigError::new(format!(
                "`{text}` is no range of addresses: {what}; write for example `10.0.0.0/8`"
            ))
        };
        let (address, length) = text
            .split_once('/')
            .map_or((text, None), |(a, l)| (a, Some(l)));
        let address: IpAddr = address.parse().map_err(|_| fault("the address is none"))?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(length) => length
                .parse()
                .map_err(|_| fault("the length is no number"))?,
            None => longest,
        };
        if length > longest {
            return Err(fault("the length is more than an address has bits"));
        }
        let range = Self(match address {
            IpAddr::V4(address) => Bits::V4 {
                first: address.to_bits(),
                length,
            },
            IpAddr::V6(address) => Bits::V6 {
                first: address.to_bits(),
                length,
            },
        });
        if range.contains(address) {
            Ok(range)
        } else {
            Err(fault("there are bits after the length"))
        }
    }
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Bits::V4 { first, length } => write!(f, "{}/{length}", Ipv4Addr::from_bits(first)),
            Bits::V6 { first, length } => write!(f, "{}/{length}", Ipv6Addr::from_bits(first)),
        }
    }
}

impl fmt::Debug for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
