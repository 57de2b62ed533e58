//! A way out through a proxy, where machines have no other.

use std::net::SocketAddr;

use http::HeaderValue;

use super::ConfigError;
use super::pattern::HostPattern;
use super::target::Host;

/// Says that a fetcher connects to the very addresses it has judged.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Pinned;

/// Says that a fetcher goes through a proxy, which looks names up by itself. Where it connects
/// to is then its own business: nothing is pinned, and no answer of the DNS is judged.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Proxied;

/// A proxy, and the hosts that may be fetched through it. It has to keep private addresses out
/// by itself, so only hosts on the list are asked.
///
/// A fetcher that uses one has another type, so that nobody takes it for the usual one:
///
/// ```
/// use purlin_guard::UrlFetcher;
/// use purlin_guard::fetch::{EgressProxy, Proxied};
///
/// let proxy = EgressProxy::new("192.0.2.7:3128".parse()?, ["api.example.com", "*.example.org"])?;
/// let fetcher: UrlFetcher<Proxied> = UrlFetcher::web().through(proxy).build();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ```compile_fail
/// # use purlin_guard::{UrlFetcher, fetch::EgressProxy};
/// # let proxy = EgressProxy::new("192.0.2.7:3128".parse().unwrap(), ["a.example"]).unwrap();
/// let fetcher: UrlFetcher = UrlFetcher::web().through(proxy).build();
/// ```
#[derive(Clone, Debug)]
pub struct EgressProxy {
    pub(super) address: SocketAddr,
    pub(super) authorization: Option<HeaderValue>,
    hosts: Vec<HostPattern>,
}

impl EgressProxy {
    /// A proxy at an address, for these hosts.
    ///
    /// # Errors
    /// When a text is no host, or there is none.
    pub fn new<'a>(
        address: SocketAddr,
        hosts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ConfigError> {
        let hosts: Result<Vec<HostPattern>, _> = hosts.into_iter().map(str::parse).collect();
        let hosts = hosts?;
        if hosts.is_empty() {
            return Err(ConfigError::new(
                "a proxy without hosts: name those that may be fetched through it",
            ));
        }
        Ok(Self {
            address,
            authorization: None,
            hosts,
        })
    }

    /// What the proxy is told in `Proxy-Authorization`. It is kept out of `Debug` output.
    #[must_use]
    pub fn authorization(mut self, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.authorization = Some(value);
        self
    }

    pub(super) fn admits(&self, host: &Host) -> bool {
        self.hosts.iter().any(|pattern| pattern.matches(host))
    }
}
