//! Exchanges with whoever hands out metadata, registrations and tokens.

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Request, Response, StatusCode};
use purlin_client::http::{Reach, Web as Connections};
use serde::de::DeserializeOwned;

use super::Result;
use super::error::{AuthError, AuthErrorKind, excerpt};
use super::url::Url;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The small adapter between OAuth and the HTTP client: where it may go, and how.
#[derive(Clone, Debug, Default)]
pub(super) struct Web {
    connections: Arc<Connections>,
    reach: Reach,
}

impl Web {
    pub(super) fn new(connections: Connections) -> Self {
        Self {
            connections: Arc::new(connections),
            reach: Reach::default(),
        }
    }

    /// The same connections, for requests that go no further.
    pub(super) fn within(&self, reach: Reach) -> Self {
        Self {
            connections: Arc::clone(&self.connections),
            reach,
        }
    }

    /// Fetches a document; `None` if there is none, or none that can be read: then the next place
    /// is looked at.
    ///
    /// # Errors
    /// When the server cannot be reached, or is in trouble itself: that says nothing about where
    /// documents are.
    pub(super) async fn document<T: DeserializeOwned>(&self, url: &str) -> Result<Option<T>> {
        let request = Request::get(url).header(ACCEPT, JSON);
        let response = self.send(url, request.body(Vec::new())).await?;
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            let message = format!("{} answers with HTTP status {status}", excerpt(url));
            return Err(AuthError::new(AuthErrorKind::Network, message));
        }
        if !status.is_success() {
            return Ok(None);
        }
        let document = serde_json::from_slice(response.body());
        if let Err(error) = &document {
            tracing::debug!(url = excerpt(url), %error, "no metadata: passed over");
        }
        Ok(document.ok())
    }

    /// Posts a JSON document.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(super) async fn post_json(&self, url: &str, body: Vec<u8>) -> Result<Response<Vec<u8>>> {
        let request = Request::post(url)
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, JSON);
        self.send(url, request.body(body)).await
    }

    /// Posts a form.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(super) async fn post_form(
        &self,
        url: &str,
        headers: HeaderMap,
        form: String,
    ) -> Result<Response<Vec<u8>>> {
        let request = Request::post(url)
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, FORM);
        let request = request.body(form.into_bytes()).map(|mut request| {
            request.headers_mut().extend(headers);
            request
        });
        self.send(url, request).await
    }

    /// Follows a link as a browser would, one step; for those who play the browser.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(super) async fn visit(&self, url: &str) -> Result<Response<Vec<u8>>> {
        self.send(url, Request::get(url).body(Vec::new())).await
    }

    /// Checks a URL that a browser is sent to, which looks the name up by itself.
    ///
    /// # Errors
    /// When it leads to an address that is out of reach, or to none.
    pub(super) async fn admits(&self, url: &str) -> Result<()> {
        self.admits_by(url, async |host: &str, port| {
            let found = tokio::net::lookup_host((host, port)).await?;
            Ok(found.collect())
        })
        .await
    }

    async fn admits_by(
        &self,
        url: &str,
        look_up: impl AsyncFnOnce(&str, u16) -> io::Result<Vec<SocketAddr>>,
    ) -> Result<()> {
        if self.reach == Reach::Anywhere {
            return Ok(());
        }
        let parts = Url::parse(url)?;
        let found = look_up(parts.bare_host(), parts.known_port()).await;
        let found = found.map_err(|error| {
            let message = "the authorization server cannot be found";
            AuthError::new(AuthErrorKind::Network, message).because(error)
        })?;
        let mut found = found.iter().map(SocketAddr::ip);
        let refused = |address: &IpAddr| !self.reach.admits(*address);
        match found.find(refused) {
            Some(address) => Err(out_of_reach(url).because(format!("it is at {address}"))),
            None => Ok(()),
        }
    }

    async fn send(
        &self,
        url: &str,
        request: http::Result<Request<Vec<u8>>>,
    ) -> Result<Response<Vec<u8>>> {
        let request = request.map_err(|error| {
            let message = format!("`{}` is no URL", excerpt(url));
            AuthError::new(AuthErrorKind::Mismatch, message).because(error)
        })?;
        let sent = self.connections.send_within(self.reach, request).await;
        sent.map_err(|error| {
            if self.reach != Reach::Anywhere && is_refused(&error) {
                return out_of_reach(url).because(error);
            }
            let message = "the authorization server cannot be reached";
            AuthError::new(AuthErrorKind::Network, message).because(error)
        })
    }
}

/// Whether the connection was refused here, because of where it leads.
fn is_refused(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() == io::ErrorKind::PermissionDenied
        {
            return true;
        }
        next = error.source();
    }
    false
}

/// A public server has no business in the network of its client.
fn out_of_reach(url: &str) -> AuthError {
    let origin = Url::parse(url).map(|url| url.origin()).unwrap_or_default();
    let message = format!(
        "the server sends its client to `{}`, which is not public; if that is meant so, allow it \
         with `OAuthBuilder::reach`",
        excerpt(&origin)
    );
    AuthError::new(AuthErrorKind::Mismatch, message)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    fn public() -> Web {
        Web::default().within(Reach::Public)
    }

    #[tokio::test]
    async fn no_request_leaves_the_reach_of_the_server() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let web = public();
        let mut urls: Vec<_> = ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"]
            .map(|host| format!("http://{host}:{port}/x?secret=canary"))
            .into();
        if cfg!(feature = "tls") {
            urls.push(format!("https://localhost:{port}/x"));
        }
        for url in &urls {
            let form = web.post_form(url, HeaderMap::new(), String::new()).await;
            for failure in [
                web.document::<()>(url).await.unwrap_err(),
                web.post_json(url, Vec::new()).await.unwrap_err(),
                form.unwrap_err(),
                web.visit(url).await.unwrap_err(),
                web.admits(url).await.unwrap_err(),
            ] {
                assert_eq!(failure.kind(), AuthErrorKind::Mismatch, "{url}: {failure}");
                let text = failure.to_string();
                assert!(text.contains("`OAuthBuilder::reach`") && !text.contains("canary"));
            }
        }
        tokio::select! {
            biased;
            _ = listener.accept() => panic!("somebody came"),
            () = tokio::task::yield_now() => {}
        }
    }

    #[tokio::test]
    async fn a_browser_is_sent_to_names_whose_every_address_is_public() {
        let check = async |answer: &[&str], admitted: bool| {
            let answer = answer.iter().map(|text| text.parse().unwrap()).collect();
            let web = public();
            let checked = web.admits_by("https://As.test/authorize", async |host, port| {
                assert_eq!((host, port), ("As.test", 443));
                Ok(answer)
            });
            assert_eq!(checked.await.is_ok(), admitted);
        };
        check(&["1.1.1.1:443"], true).await;
        check(&["1.1.1.1:443", "[2606:4700::1111]:443"], true).await;
        check(&["1.1.1.1:443", "127.0.0.1:443"], false).await;
        check(&["169.254.169.254:443"], false).await;
        check(&["[fd00::1]:443"], false).await;
    }

    #[tokio::test]
    async fn a_name_that_nobody_knows_is_no_attack() {
        let nobody = async |_: &str, _| Err(io::ErrorKind::NotFound.into());
        let failure = public().admits_by("https://as.test", nobody).await;
        assert_eq!(failure.unwrap_err().kind(), AuthErrorKind::Network);
    }
}
