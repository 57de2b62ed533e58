//! Which URLs are fetched, as far as that can be told without a network.

use std::net::IpAddr;

use super::address::Addresses;
use super::pattern::{self, HostPattern};
use super::target::{Host, Scheme, Target};
use super::{ConfigError, FetchError, IpRange, Nat64};

/// Which URLs are fetched, as far as that can be told without a network.
///
/// ```
/// use purlin_guard::fetch::UrlRules;
///
/// let rules = UrlRules::web();
/// assert!(rules.check("https://example.com/a").is_ok());
/// for url in ["http://127.0.0.1/", "http://printer/", "https://example.com:8443/", "ftp://a.example/"] {
///     assert!(rules.check(url).is_err());
/// }
/// ```
#[derive(Clone, Debug)]
pub struct UrlRules {
    tls_only: bool,
    path_needed: bool,
    redirects: bool,
    ports: Ports,
    addresses: Addresses,
    reserved: bool,
    allowed: Option<Vec<HostPattern>>,
    denied: Vec<HostPattern>,
}

#[derive(Clone, Debug)]
enum Ports {
    Any,
    These(Vec<u16>),
}

impl UrlRules {
    /// The public web: `http` and `https` at ports 80 and 443.
    #[must_use]
    pub fn web() -> Self {
        Self {
            tls_only: false,
            path_needed: false,
            redirects: true,
            ports: Ports::These(vec![80, 443]),
            addresses: Addresses::default(),
            reserved: false,
            allowed: None,
            denied: Vec::new(),
        }
    }

    /// Documents of OAuth that somebody else named: `https` at port 443, and no
    /// redirects.
    #[must_use]
    pub fn oauth() -> Self {
        Self {
            tls_only: true,
            redirects: false,
            ports: Ports::These(vec![443]),
            ..Self::web()
        }
    }

    /// Demands a path: the ids of clients that are URLs have one.
    #[must_use]
    pub fn require_path(mut self) -> Self {
        self.path_needed = true;
        self
    }

    /// Follows no redirects: an answer that is one is an error, or with
    /// [`FetchRequest::any_status`](super::FetchRequest::any_status) the answer.
    #[must_use]
    pub fn no_redirects(mut self) -> Self {
        self.redirects = false;
        self
    }

    /// Opens ports besides those of the profile.
    #[must_use]
    pub fn open_ports(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        if let Ports::These(open) = &mut self.ports {
            open.extend(ports);
        }
        self
    }

    /// Opens every port.
    #[must_use]
    pub fn any_port(mut self) -> Self {
        self.ports = Ports::Any;
        self
    }

    /// Opens ranges of addresses, such as those of a private network. Where clouds hand out
    /// credentials, nothing is opened.
    ///
    /// # Errors
    /// When a text is no range.
    pub fn allow_ranges<'a>(
        mut self,
        ranges: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ConfigError> {
        for range in ranges {
            self.addresses.open(range.parse::<IpRange>()?);
        }
        Ok(self)
    }

    /// Opens all private networks, this machine, and the names that lead there: for URLs that the
    /// operator named, never for others.
    #[must_use]
    pub fn private_networks(mut self) -> Self {
        self.addresses.open_private();
        self.reserved = true;
        self
    }

    /// Fetches from these hosts alone, of which names may be such as otherwise are refused
    /// (`db.internal`). Their addresses have to be public all the same, or in
    /// [`allow_ranges`](Self::allow_ranges).
    ///
    /// # Errors
    /// When a text is no host.
    pub fn allow_hosts<'a>(
        mut self,
        hosts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ConfigError> {
        let allowed = self.allowed.get_or_insert_default();
        for host in hosts {
            allowed.push(host.parse()?);
        }
        Ok(self)
    }

    /// Fetches nothing from these hosts, nor from any below them.
    ///
    /// # Errors
    /// When a text is no host.
    pub fn deny_hosts<'a>(
        mut self,
        hosts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ConfigError> {
        for host in hosts {
            self.denied.push(host.parse()?);
        }
        Ok(self)
    }

    /// Says what becomes of addresses under `64:ff9b::/96`.
    #[must_use]
    pub fn nat64(mut self, nat64: Nat64) -> Self {
        self.addresses.nat64(nat64);
        self
    }

    /// Reads a URL and holds it against the rules. A name remains to be looked up, and
    /// [`admits`](Self::admits) to be asked about every address of the answer.
    ///
    /// # Errors
    /// `invalid_url`, `scheme`, `userinfo`, `port`, `blocked_host` and `blocked_address`.
    pub fn check(&self, url: &str) -> Result<Target, FetchError> {
        let target = Target::parse(url)?;
        if self.tls_only && target.scheme() != Scheme::Https {
            return Err(FetchError::Scheme);
        }
        if !self.is_open(target.port()) {
            return Err(FetchError::Port);
        }
        if self.path_needed && target.path() == "/" {
            return Err(FetchError::InvalidUrl("it has no path"));
        }
        if !self.admits_host(target.host()) {
            return Err(FetchError::BlockedHost);
        }
        match target.host().address() {
            Some(address) if !self.admits(address) => Err(FetchError::BlockedAddress),
            _ => Ok(target),
        }
    }

    /// Whether an address may be connected to.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        self.addresses.admits(address)
    }

    pub(super) fn follows_redirects(&self) -> bool {
        self.redirects
    }

    fn is_open(&self, port: u16) -> bool {
        match &self.ports {
            Ports::Any => true,
            Ports::These(open) => open.contains(&port),
        }
    }

    fn admits_host(&self, host: &Host) -> bool {
        if self.denied.iter().any(|denied| denied.covers(host)) {
            return false;
        }
        match &self.allowed {
            Some(allowed) => allowed.iter().any(|allowed| allowed.matches(host)),
            None => self.reserved || !pattern::is_reserved(host),
        }
    }
}
