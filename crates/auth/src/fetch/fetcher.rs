//! The network behind the door.

use std::net::IpAddr;
use std::time::Duration;

use http::{Request, Response, Uri};
use purlin_client::http::{Reach, Web};
use purlin_core::BoxFuture;

use super::{Fetch, FetchError};

/// How long an exchange may take, if nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks authorization servers on the public internet, over TLS.
///
/// ```
/// use purlin_auth::fetch::Fetcher;
///
/// let public = Fetcher::new();
/// // An identity provider in the network of the company:
/// let internal = Fetcher::new().internal_addresses();
/// ```
#[derive(Debug)]
pub struct Fetcher {
    web: Web,
    reach: Reach,
    plain_loopback: bool,
    timeout: Duration,
}

impl Default for Fetcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Fetcher {
    /// Public addresses over `https` alone.
    #[must_use]
    pub fn new() -> Self {
        Self {
            web: Web::default(),
            reach: Reach::Public,
            plain_loopback: false,
            timeout: TIMEOUT,
        }
    }

    /// Addresses of private networks and of this machine too. For servers that the operator
    /// named; never for URLs that somebody else may choose.
    #[must_use]
    pub fn internal_addresses(mut self) -> Self {
        self.reach = Reach::Anywhere;
        self
    }

    /// Plain `http` to the loopback addresses and `localhost` as well: for development, and
    /// tests. What is on this machine is within reach then.
    #[must_use]
    pub fn plain_loopback(mut self) -> Self {
        self.plain_loopback = true;
        self
    }

    /// How long an exchange may take as a whole (default 5 s, at most 20 s).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Trusts these certificate authorities too (PEM, one or more).
    ///
    /// # Errors
    /// When there is no certificate in the text.
    pub fn trust(mut self, pem: &str) -> Result<Self, FetchError> {
        self.web = self.web.trust(pem).map_err(FetchError::network)?;
        Ok(self)
    }

    /// How far a request to this URL may lead.
    fn reach_of(&self, url: &Uri) -> Result<Reach, FetchError> {
        const NOT_TLS: FetchError = FetchError::Url(
            "authorization servers are asked over `https` alone; `http` is for this machine and \
             has to be allowed with `Fetcher::plain_loopback`",
        );
        let host = url
            .host()
            .ok_or(FetchError::Url("that is no absolute URL"))?;
        if url.authority().is_some_and(|it| it.as_str().contains('@')) {
            return Err(FetchError::Url(
                "a URL with a user or password is not asked",
            ));
        }
        match url.scheme_str() {
            Some("https") if self.plain_loopback && is_loopback(host) => Ok(Reach::Anywhere),
            Some("https") => Ok(self.reach),
            Some("http") if self.plain_loopback && is_loopback(host) => Ok(Reach::Anywhere),
            _ => Err(NOT_TLS),
        }
    }

    async fn exchange(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
    ) -> Result<Response<Vec<u8>>, FetchError> {
        let reach = self.reach_of(request.uri())?;
        let sent = self.web.send_within(reach, request);
        let response = tokio::time::timeout(self.timeout, sent)
            .await
            .map_err(|_| FetchError::network("nobody answered in time"))?
            .map_err(FetchError::network)?;
        if response.body().len() > limit {
            return Err(FetchError::TooLarge(limit));
        }
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

/// Whether a host is this machine by its name: what `localhost` leads to is fixed.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(fetcher: &Fetcher, url: &str) -> Option<Reach> {
        fetcher.reach_of(&url.parse().unwrap()).ok()
    }

    #[test]
    fn only_tls_leaves_this_machine() {
        let public = Fetcher::new();
        let near = Fetcher::new().plain_loopback();
        let internal = Fetcher::new().internal_addresses();
        for (url, of_public, of_near, of_internal) in [
            (
                "https://as.example/keys",
                Some(Reach::Public),
                Some(Reach::Public),
                Some(Reach::Anywhere),
            ),
            ("http://as.example/keys", None, None, None),
            ("http://127.0.0.1:1/keys", None, Some(Reach::Anywhere), None),
            ("http://[::1]:1/keys", None, Some(Reach::Anywhere), None),
            ("http://localhost:1/keys", None, Some(Reach::Anywhere), None),
            ("http://localhost.example/keys", None, None, None),
            (
                "https://localhost/keys",
                Some(Reach::Public),
                Some(Reach::Anywhere),
                Some(Reach::Anywhere),
            ),
            ("https://as.example@evil.example/keys", None, None, None),
            ("/keys", None, None, None),
        ] {
            assert_eq!(reach(&public, url), of_public, "{url}");
            assert_eq!(reach(&near, url), of_near, "{url}");
            assert_eq!(reach(&internal, url), of_internal, "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_asked() {
        let request = Request::get("https://localhost:1/keys")
            .body(Vec::new())
            .unwrap();
        let error = Fetcher::new().fetch(request, 10).await.unwrap_err();
        assert!(matches!(error, FetchError::Network(_)), "{error}");
    }
}
