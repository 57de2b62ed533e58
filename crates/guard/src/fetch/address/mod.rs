//! The decision on addresses, which is the one that counts: names and spellings lie.

mod embedded;
mod range;
mod table;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use self::embedded::{embedded, isatap};
pub use self::range::IpRange;

/// What becomes of addresses under `64:ff9b::/96`, by which an IPv6-only machine reaches the IPv4
/// internet (RFC 6052).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Nat64 {
    /// Refused, as every form that embeds another address.
    #[default]
    Refuse,
    /// Judged by the IPv4 address inside. For machines without IPv4.
    CheckEmbedded,
}

/// Which addresses may be connected to.
///
/// ```
/// use purlin_guard::fetch::Addresses;
///
/// let public = Addresses::default();
/// assert!(public.admits("1.1.1.1".parse()?));
/// assert!(!public.admits("10.0.0.1".parse()?) && !public.admits("::ffff:1.1.1.1".parse()?));
///
/// let mut office = Addresses::default();
/// office.open("10.0.0.0/8".parse()?);
/// office.open("169.254.0.0/16".parse()?); // in vain: there are the credentials of the cloud
/// assert!(office.admits("10.0.0.1".parse()?));
/// assert!(!office.admits("169.254.169.254".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    opened: Vec<IpRange>,
    nat64: Nat64,
}

impl Addresses {
    /// Opens a range, but for the addresses at which clouds hand out credentials.
    pub fn open(&mut self, range: IpRange) {
        self.opened.push(range);
    }

    /// Opens private networks and this machine.
    pub fn open_private(&mut self) {
        self.opened.extend(table::PRIVATE);
    }

    /// Says what becomes of NAT64.
    pub fn nat64(&mut self, nat64: Nat64) {
        self.nat64 = nat64;
    }

    /// Whether an address may be connected to.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        if never(address) {
            return false;
        }
        if is_in(&self.opened, address) {
            return true;
        }
        match address {
            IpAddr::V4(address) => is_public_v4(address),
            IpAddr::V6(inside) if self.nat64 == Nat64::CheckEmbedded && is_nat64(inside) => {
                self.admits(IpAddr::V4(Ipv4Addr::from_bits(inside.to_bits() as u32)))
            }
            IpAddr::V6(address) => is_public_v6(address),
        }
    }
}

fn is_in(ranges: &[IpRange], address: IpAddr) -> bool {
    ranges.iter().any(|range| range.contains(address))
}

fn is_nat64(address: Ipv6Addr) -> bool {
    table::NAT64.contains(IpAddr::V6(address))
}

/// Whether nothing opens an address, also when it is inside of another one.
fn never(address: IpAddr) -> bool {
    let hidden = match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(address) => embedded(address).any(|inside| is_in(&table::NEVER, inside.into())),
    };
    hidden || is_in(&table::NEVER, address)
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !is_in(&table::REFUSED_V4, address.into())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let global = table::GLOBAL_V6.contains(address.into());
    global && !is_in(&table::REFUSED_V6, address.into()) && isatap(address).is_none_or(is_public_v4)
}
