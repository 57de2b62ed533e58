//! Ranges of addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

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
pub struct IpRange(IpNet);

impl IpRange {
    /// A range of the tables.
    pub(super) const fn v4(octets: [u8; 4], length: u8) -> Self {
        let [a, b, c, d] = octets;
        Self(IpNet::V4(Ipv4Net::new_assert(
            Ipv4Addr::new(a, b, c, d),
            length,
        )))
    }

    /// A range of the tables; the segments that are not said are 0.
    pub(super) const fn v6(segments: [u16; 3], length: u8) -> Self {
        let [one, two, three] = segments;
        Self(IpNet::V6(Ipv6Net::new_assert(
            Ipv6Addr::new(one, two, three, 0, 0, 0, 0, 0),
            length,
        )))
    }

    /// One address.
    pub(super) const fn only(address: Ipv6Addr) -> Self {
        Self(IpNet::V6(Ipv6Net::new_assert(address, 128)))
    }

    /// Whether an address is in the range. A mapped address (`::ffff:10.0.0.1`) is none of IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for IpRange {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let read = match text.contains('/') {
            true => text.parse().ok(),
            false => text.parse::<IpAddr>().ok().map(IpNet::from),
        };
        match read {
            Some(range) if range.addr() == range.network() => Ok(Self(range)),
            Some(_) => Err(fault(text, "there are bits after the length")),
            None => Err(fault(text, "there is no such address or length")),
        }
    }
}

fn fault(text: &str, what: &str) -> ConfigError {
    ConfigError::new(format!(
        "`{text}` is no range of addresses: {what}; write for example `10.0.0.0/8`"
    ))
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
