//! The network behind the door.

use std::error::Error;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use purlin_core::BoxFuture;
use purlin_guard::UrlFetcher;
use purlin_guard::fetch::{FetchError as Refused, FetchRequest, Limits, Part, UrlRules};

use super::{Fetch, FetchError};

/// How long an exchange may take, if nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long it may take at most.
const LONGEST: Duration = Duration::from_secs(20);

/// How many exchanges there are with one server at a time.
const AT_ONCE: usize = 256;

/// How many there are in a second: those who ask have limits of their own, and tokens are
/// introspected as often as they come.
const RATE: u32 = 100_000;

/// Asks authorization servers on the public internet, over TLS, at port 443.
///
/// It is a [`UrlFetcher`] with the rules for documents of OAuth that somebody else named: what a
/// name leads to is judged, and connected to without a second look-up; no redirect is followed.
/// A connection is kept for 30 s, for the next exchange with the same server, if the name still
/// leads there.
///
/// ```
/// use purlin_auth::fetch::Fetcher;
///
/// let public = Fetcher::new();
/// // A public identity provider at another port:
/// let other = Fetcher::new().open_port(8443);
/// // An identity provider in the network of the company, at whatever port:
/// let internal = Fetcher::new().internal_addresses();
/// ```
#[derive(Debug)]
pub struct Fetcher {
    ports: Vec<u16>,
    internal: bool,
    plain_loopback: bool,
    timeout: Duration,
    trusted: String,
    far: OnceLock<UrlFetcher>,
    near: OnceLock<UrlFetcher>,
}

impl Default for Fetcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Fetcher {
    /// Public addresses over `https` at port 443 alone.
    #[must_use]
    pub fn new() -> Self {
        Self {
            ports: Vec::new(),
            internal: false,
            plain_loopback: false,
            timeout: TIMEOUT,
            trusted: String::new(),
            far: OnceLock::new(),
            near: OnceLock::new(),
        }
    }

    /// As [`new`](Self::new), and the ports of URLs that the operator has written down.
    pub(crate) fn at<'u>(urls: impl IntoIterator<Item = &'u str>) -> Self {
        let uris = urls.into_iter().filter_map(|url| url.parse::<Uri>().ok());
        uris.filter_map(|uri| uri.port_u16())
            .fold(Self::new(), Self::open_port)
    }

    /// Another port besides 443.
    #[must_use]
    pub fn open_port(mut self, port: u16) -> Self {
        self.ports.push(port);
        self
    }

    /// Addresses of private networks and of this machine too, at every port. For servers that the
    /// operator named; never for URLs that somebody else may choose. Where clouds hand out
    /// credentials stays closed.
    #[must_use]
    pub fn internal_addresses(mut self) -> Self {
        self.internal = true;
        self
    }

    /// Plain `http` to the loopback addresses and `localhost` as well, at every port: for
    /// development, and tests. What is on this machine is within reach then.
    #[must_use]
    pub fn plain_loopback(mut self) -> Self {
        self.plain_loopback = true;
        self
    }

    /// How long an exchange may take as a whole (default 5 s, at most 20 s).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.min(LONGEST);
        self
    }

    /// Trusts these certificate authorities too (PEM, one or more).
    ///
    /// # Errors
    /// When there is no certificate in the text.
    pub fn trust(mut self, pem: &str) -> Result<Self, FetchError> {
        UrlFetcher::oauth()
            .trust(pem)
            .map_err(FetchError::network)?;
        self.trusted.push_str(pem);
        self.trusted.push('\n');
        Ok(self)
    }

    /// Who asks, of those two who may go to different lengths.
    fn fetcher(&self, url: &Uri) -> Result<&UrlFetcher, FetchError> {
        let host = url
            .host()
            .ok_or(FetchError::Url("that is no absolute URL"))?;
        let (place, rules): (_, fn(&Self) -> UrlRules) = match self.plain_loopback {
            true if is_loopback(host) => (&self.near, Self::near_rules),
            _ => (&self.far, Self::far_rules),
        };
        match place.get() {
            Some(fetcher) => Ok(fetcher),
            None => {
                let made = self.make(rules(self))?;
                Ok(place.get_or_init(|| made))
            }
        }
    }

    fn far_rules(&self) -> UrlRules {
        let rules = UrlRules::oauth().open_ports(self.ports.iter().copied());
        match self.internal {
            true => rules.any_port().private_networks(),
            false => rules,
        }
    }

    #[expect(clippy::unused_self, reason = "the other rules need it")]
    fn near_rules(&self) -> UrlRules {
        UrlRules::web().no_redirects().any_port().private_networks()
    }

    fn make(&self, rules: UrlRules) -> Result<UrlFetcher, FetchError> {
        let mut limits = Limits::default();
        limits.total = self.timeout;
        limits.concurrency = AT_ONCE;
        (limits.rate, limits.burst) = (RATE, RATE);
        let builder = UrlFetcher::with(rules).limits(limits);
        let builder = match self.trusted.is_empty() {
            true => builder,
            false => builder.trust(&self.trusted).map_err(FetchError::network)?,
        };
        Ok(builder.build())
    }

    async fn exchange(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
    ) -> Result<Response<Vec<u8>>, FetchError> {
        let fetcher = self.fetcher(request.uri())?;
        let (head, body) = request.into_parts();
        let asked = FetchRequest::new(head.method, head.uri.to_string())
            .headers(&head.headers)
            .body(Bytes::from(body))
            .any_status()
            .any_content_type()
            .limit(limit);
        let fetched = fetcher.fetch(asked).await;
        let fetched = fetched.map_err(|error| refused(error, limit))?;
        let mut response = Response::new(Vec::new());
        *response.status_mut() = fetched.status();
        *response.headers_mut() = fetched.headers().clone();
        *response.body_mut() = fetched.into_body().into();
        Ok(response)
    }
}

impl Fetch for Fetcher {
    fn fetch(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, FetchError>> {
        Box::pin(self.exchange(request, limit))
    }
}

/// What operators read of a refusal: its name, and the causes, which callers are not told.
fn refused(error: Refused, limit: usize) -> FetchError {
    match error {
        Refused::InvalidUrl(why) => FetchError::Url(why),
        Refused::Scheme => FetchError::Url(
            "authorization servers are asked over `https` alone; `http` is for this machine and \
             has to be allowed with `Fetcher::plain_loopback`",
        ),
        Refused::Userinfo => FetchError::Url("a URL with a user or password is not asked"),
        Refused::Port => FetchError::Url(
            "authorization servers are asked at port 443 alone; open another one with \
             `Fetcher::open_port`",
        ),
        Refused::TooLarge(Part::Body) | Refused::DecompressionRatio => FetchError::TooLarge(limit),
        other => FetchError::network(told(&other)),
    }
}

fn told(error: &Refused) -> String {
    let mut text = format!("{} ({})", error, error.name());
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// Whether a host is this machine by its name: what `localhost` leads to is fixed.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use purlin_client::http::Reach;
    use purlin_guard::fetch::Addresses;

    use super::*;

    /// What becomes of a URL before anybody is looked up: `ok`, or the name of the error.
    fn verdict(fetcher: &Fetcher, url: &str) -> &'static str {
        let Ok(guard) = fetcher.fetcher(&url.parse().unwrap()) else {
            return "no_url";
        };
        guard
            .rules()
            .check(url)
            .map_or_else(|error| error.name(), |_| "ok")
    }

    #[test]
    fn only_tls_at_port_443_leaves_this_machine() {
        let public = Fetcher::new();
        let near = Fetcher::new().plain_loopback();
        let internal = Fetcher::new().internal_addresses();
        for (url, of_public, of_near, of_internal) in [
            ("https://as.example/keys", "ok", "ok", "ok"),
            ("https://as.example:8443/keys", "port", "port", "ok"),
            ("http://as.example/keys", "scheme", "scheme", "scheme"),
            ("http://127.0.0.1:1/keys", "scheme", "ok", "scheme"),
            ("http://[::1]:1/keys", "scheme", "ok", "scheme"),
            ("http://localhost:1/keys", "scheme", "ok", "scheme"),
            (
                "http://localhost.example/keys",
                "scheme",
                "scheme",
                "scheme",
            ),
            ("https://localhost/keys", "blocked_host", "ok", "ok"),
            ("https://127.0.0.1/keys", "blocked_address", "ok", "ok"),
            ("https://10.0.0.1:8443/keys", "port", "port", "ok"),
            (
                "https://keycloak/keys",
                "blocked_host",
                "blocked_host",
                "ok",
            ),
            (
                "https://as.internal/keys",
                "blocked_host",
                "blocked_host",
                "ok",
            ),
            (
                "https://169.254.169.254/keys",
                "blocked_address",
                "blocked_address",
                "blocked_address",
            ),
            (
                "https://as.example@evil.example/keys",
                "userinfo",
                "userinfo",
                "userinfo",
            ),
            ("/keys", "no_url", "no_url", "no_url"),
        ] {
            assert_eq!(verdict(&public, url), of_public, "{url}");
            assert_eq!(verdict(&near, url), of_near, "{url}");
            assert_eq!(verdict(&internal, url), of_internal, "{url}");
        }
        let opened = Fetcher::new().open_port(8443);
        assert_eq!(verdict(&opened, "https://as.example:8443/keys"), "ok");
        assert_eq!(verdict(&opened, "https://as.example:8444/keys"), "port");
    }

    #[test]
    fn the_port_that_the_operator_has_written_down_is_open() {
        let written = Fetcher::at([
            "https://as.example:8443/realm",
            "https://other.example",
            "?",
        ]);
        assert_eq!(verdict(&written, "https://as.example:8443/keys"), "ok");
        assert_eq!(verdict(&written, "https://as.example/keys"), "ok");
        assert_eq!(verdict(&written, "https://as.example:8444/keys"), "port");
    }

    async fn failure(fetcher: &Fetcher, url: &str) -> FetchError {
        let request = Request::get(url).body(Vec::new()).unwrap();
        fetcher.fetch(request, 10).await.unwrap_err()
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_asked() {
        let error = failure(&Fetcher::new(), "https://localhost/keys").await;
        assert!(matches!(error, FetchError::Network(_)), "{error}");
        assert!(error.to_string().contains("blocked_host"), "{error}");
    }

    #[tokio::test]
    async fn what_is_wrong_about_a_url_is_told_with_the_way_out() {
        for (url, way_out) in [
            ("http://as.example/keys", "`Fetcher::plain_loopback`"),
            ("https://as.example:8443/keys", "`Fetcher::open_port`"),
            ("https://as@as.example/keys", "user or password"),
        ] {
            let error = failure(&Fetcher::new(), url).await;
            assert!(
                matches!(error, FetchError::Url(text) if text.contains(way_out)),
                "{error}"
            );
        }
    }

    fn address() -> impl Strategy<Value = IpAddr> {
        let special: [u128; 9] = [
            0x2001_0000,
            0x2001_0db8,
            0x2002_0a00,
            0x2606_4700,
            0x2620_004f,
            0x3fff_0fff,
            0x0064_ff9b,
            0xfd00_0ec2,
            0,
        ];
        prop_oneof![
            any::<u32>().prop_map(|bits| IpAddr::from(bits.to_be_bytes())),
            any::<u128>().prop_map(|bits| IpAddr::from(bits.to_be_bytes())),
            (prop::sample::select(special.to_vec()), any::<u128>())
                .prop_map(|(prefix, rest)| IpAddr::from((prefix << 96 | rest >> 32).to_be_bytes())),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        /// Clients and fetchers have a table each, and one idea of what is public.
        #[test]
        fn clients_and_fetchers_take_the_same_addresses_for_public(address in address()) {
            let guard = Addresses::default().admits(address);
            prop_assert_eq!(guard, Reach::Public.admits(address), "{}", address);
        }
    }
}
