//! Hosts: names and addresses, each in its one spelling.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use idna::AsciiDenyList;

use crate::fetch::FetchError;

/// The host of a URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Host {
    /// A name, in lower case and ASCII, without a dot at its end.
    Name(String),
    /// An IPv4 address, which was written as four decimal numbers.
    Ipv4(Ipv4Addr),
    /// An IPv6 address, which was written in brackets.
    Ipv6(Ipv6Addr),
}

impl Host {
    /// The address, if the URL has one in the place of a name.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Name(_) => None,
            Self::Ipv4(address) => Some(IpAddr::V4(*address)),
            Self::Ipv6(address) => Some(IpAddr::V6(*address)),
        }
    }

    /// Reads a host as it stands in a URL.
    ///
    /// # Errors
    /// When it is spelled in a way that some parser reads as something else.
    pub(crate) fn parse(text: &str) -> Result<Self, FetchError> {
        if text.contains('%') {
            return Err(FetchError::InvalidUrl("its host has a `%` in it"));
        }
        if let Some(inside) = text.strip_prefix('[') {
            let inside = inside.strip_suffix(']').unwrap_or_default();
            let why = FetchError::InvalidUrl("its host is no IPv6 address in brackets");
            return inside.parse().map(Self::Ipv6).map_err(|_| why);
        }
        let bare = text.strip_suffix('.').unwrap_or(text);
        let name = to_ascii(bare)?;
        if !ends_in_number(&name) {
            check(&name)?;
            return Ok(Self::Name(name));
        }
        let why = FetchError::InvalidUrl("an IPv4 address is written as four decimal numbers");
        // Also refuses numbers of other scripts, and the dot at the end.
        match text.parse::<Ipv4Addr>() {
            Ok(address) if address.to_string() == text => Ok(Self::Ipv4(address)),
            _ => Err(why),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ipv4(address) => write!(f, "{address}"),
            Self::Ipv6(address) => write!(f, "[{address}]"),
        }
    }
}

/// UTS 46, for names that need it. What is mapped to plain ASCII was spelled to deceive.
fn to_ascii(text: &str) -> Result<String, FetchError> {
    const NO_NAME: FetchError = FetchError::InvalidUrl("its host is no name");
    const DISGUISED: FetchError = FetchError::InvalidUrl("its host is ASCII in disguise");
    let name = idna::domain_to_ascii_cow(text.as_bytes(), AsciiDenyList::URL)
        .map_err(|_| NO_NAME)?
        .into_owned();
    let given: Vec<&str> = text.split('.').collect();
    let mapped: Vec<&str> = name.split('.').collect();
    // Dots of other scripts make more labels.
    if given.len() != mapped.len() {
        return Err(DISGUISED);
    }
    let honest = |(given, mapped): (&&str, &&str)| {
        if given.is_ascii() {
            given.eq_ignore_ascii_case(mapped)
        } else {
            mapped.starts_with("xn--")
        }
    };
    if given.iter().zip(&mapped).all(honest) {
        Ok(name)
    } else {
        Err(DISGUISED)
    }
}

/// Whether parsers take a name for an IPv4 address: the last label is a number, also in hex.
fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    !last.is_empty() && (digits(last) || last.strip_prefix("0x").is_some_and(hex))
}

/// RFC 1035, section 2.3.4, and no characters but those of names: every host code point that is
/// forbidden is another one.
fn check(name: &str) -> Result<(), FetchError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let why = if name.len() > 253 {
        "its host is longer than 253 bytes"
    } else if name.split('.').any(str::is_empty) {
        "its host has an empty label"
    } else if name.split('.').any(|label| label.len() > 63) {
        "a label of its host is longer than 63 bytes"
    } else if !name.split('.').all(|label| label.bytes().all(legal)) {
        "its host has a character in it that names do not have"
    } else {
        return Ok(());
    };
    Err(FetchError::InvalidUrl(why))
}
