//! A URL whose every part is known, and that every parser reads alike.

mod host;
mod raw;

use std::fmt;

use http::Uri;
use url::Url;

pub use self::host::Host;
pub(super) use self::raw::check as check_text;
use super::FetchError;

/// Reads `http` or `https` only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// The scheme as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that needs not be written.
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A URL in its normal form: lower case, no default port, no fragment, no dot segments, no user.
///
/// What is parsed from its text is the same target again.
///
/// ```
/// use purlin_guard::fetch::Target;
///
/// let target = Target::parse("HTTPS://Example.com.:443/a/../b?c#d")?;
/// assert_eq!(target.to_string(), "https://example.com/b?c");
/// assert!(Target::parse("http://0x7f.1/").is_err());
/// # Ok::<(), purlin_guard::fetch::FetchError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    scheme: Scheme,
    host: Host,
    port: u16,
    text: String,
    path: usize,
}

impl Target {
    /// Reads a URL. Whether it may be fetched is the business of [`UrlRules`](super::UrlRules).
    ///
    /// # Errors
    /// `invalid_url`, `scheme`, `userinfo` and `port`.
    pub fn parse(text: &str) -> Result<Self, FetchError> {
        let raw = raw::split(text)?;
        let scheme = match raw.scheme {
            it if it.eq_ignore_ascii_case("http") => Scheme::Http,
            it if it.eq_ignore_ascii_case("https") => Scheme::Https,
            _ => return Err(FetchError::Scheme),
        };
        if raw.authority.is_empty() {
            return Err(FetchError::InvalidUrl("it has no host"));
        }
        let (host, port) = split_port(raw.authority);
        let host = Host::parse(host)?;
        let port = port.map_or(Ok(scheme.default_port()), parse_port)?;
        Self::normal(scheme, host, port, raw.rest)
    }

    /// Puts the parts together, has the rest normalised, and holds against two parsers that they
    /// read the same.
    fn normal(scheme: Scheme, host: Host, port: u16, rest: &str) -> Result<Self, FetchError> {
        const DISAGREE: FetchError = FetchError::InvalidUrl("parsers disagree about it");
        let origin = Origin {
            scheme,
            host: &host,
            port,
        };
        let text = format!("{origin}{rest}");
        let mut url = Url::parse(&text).map_err(|_| DISAGREE)?;
        url.set_fragment(None);
        let path = url[..url::Position::BeforePath].len();
        let text = String::from(url.clone());
        if text.len() > raw::LONGEST {
            return Err(FetchError::InvalidUrl("it is longer than 8192 bytes"));
        }
        let uri: Uri = text.parse().map_err(|_| DISAGREE)?;
        let target = Self {
            scheme,
            host,
            port,
            text,
            path,
        };
        if target.is_read_alike(&url, &uri) {
            Ok(target)
        } else {
            Err(DISAGREE)
        }
    }

    fn is_read_alike(&self, url: &Url, uri: &Uri) -> bool {
        let host = match (&self.host, url.host()) {
            (Host::Name(ours), Some(url::Host::Domain(theirs))) => ours == theirs,
            (Host::Ipv4(ours), Some(url::Host::Ipv4(theirs))) => *ours == theirs,
            (Host::Ipv6(ours), Some(url::Host::Ipv6(theirs))) => *ours == theirs,
            _ => false,
        };
        let port = uri.port_u16().unwrap_or(self.scheme.default_port());
        host && url.scheme() == self.scheme.as_str()
            && url.port_or_known_default() == Some(self.port)
            && url.username().is_empty()
            && url.password().is_none()
            && uri.scheme_str() == Some(self.scheme.as_str())
            && uri.host() == url.host_str()
            && port == self.port
            && uri
                .path_and_query()
                .is_some_and(|it| it.as_str() == self.path_and_query())
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, also where it is not written.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path and the query, with at least a `/`.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.text[self.path..]
    }

    /// The path alone.
    #[must_use]
    pub fn path(&self) -> &str {
        let whole = self.path_and_query();
        whole.split_once('?').map_or(whole, |(path, _)| path)
    }

    /// The URL as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Host, and port where it is not that of the scheme: what the header `Host` says.
    #[must_use]
    pub fn authority(&self) -> &str {
        let start = self.scheme.as_str().len() + "://".len();
        &self.text[start..self.path]
    }

    /// Whether both are of the same scheme, host and port.
    #[must_use]
    pub fn is_same_origin(&self, other: &Self) -> bool {
        (self.scheme, &self.host, self.port) == (other.scheme, &other.host, other.port)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

struct Origin<'a> {
    scheme: Scheme,
    host: &'a Host,
    port: u16,
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.host)?;
        if self.port == self.scheme.default_port() {
            return Ok(());
        }
        write!(f, ":{}", self.port)
    }
}

/// Parts an authority at the colon that is no part of an IPv6 address.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    let end = match authority.find(']') {
        Some(bracket) if authority.starts_with('[') => bracket + 1,
        _ => 0,
    };
    match authority[end..].find(':') {
        Some(colon) => (
            &authority[..end + colon],
            Some(&authority[end + colon + 1..]),
        ),
        None => (authority, None),
    }
}

/// A port in its one spelling.
fn parse_port(text: &str) -> Result<u16, FetchError> {
    match text.parse::<u16>() {
        Ok(port) if port != 0 && port.to_string() == text => Ok(port),
        _ => Err(FetchError::Port),
    }
}
