//! HTTP requests to one endpoint, and what answers are before anything of them is read.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use hyper::http::response::Parts;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::HttpInfo;
use hyper_util::rt::TokioExecutor;

use super::HttpEndpoint;
use super::authorize::{HttpRequest, MOST_RETRIES, Refusal, Verdict};
use super::connector::{Connector, connector};
use super::reach::Tcp;
use super::unreachable::unreachable;
use crate::Result;
use crate::error::ClientError;
use crate::patience::Patience;

/// A redirect that leads to redirects leads nowhere.
const MOST_REDIRECTS: usize = 3;

/// The connections to one endpoint.
pub(super) struct Connections {
    hyper: Hyper<Connector, Full<Bytes>>,
    endpoint: HttpEndpoint,
    pub(super) patience: Patience,
    /// How often the authorizer replaced the credentials.
    pub(super) credentials: AtomicU64,
}

/// What is sent, as often as it has to be; mostly once, so headers are made when they are needed.
pub(super) struct Message<'a> {
    pub(super) method: Method,
    pub(super) headers: &'a (dyn Fn() -> HeaderMap + Sync),
    pub(super) body: Bytes,
}

/// An answer, and what was said to get it.
struct Exchange {
    response: Response<Incoming>,
    url: Uri,
    credentials: HeaderMap,
}

/// What was shown to a server that wants other credentials.
#[derive(Clone)]
struct Shown(HeaderMap);

/// Whether an answer wants (other) credentials.
pub(super) fn wants_credentials(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

/// Whether a text repeats something of what was shown to get this answer.
pub(super) fn repeats_credentials(answer: &Parts, text: &str) -> bool {
    let shown = answer.extensions.get::<Shown>();
    let values = shown.into_iter().flat_map(|shown| shown.0.values());
    let values = values.filter_map(|value| value.to_str().ok());
    // The name of a scheme is no secret: it is said by every server.
    let mut words = values.flat_map(|value| value.split(' ').skip_while(|word| is_scheme(word)));
    words.any(|word| !word.is_empty() && text.contains(word))
}

fn is_scheme(word: &str) -> bool {
    ["basic", "bearer", "dpop"]
        .iter()
        .any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// What the body of a successful answer is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Media {
    Json,
    Events,
    Other,
}

impl Connections {
    /// # Errors
    /// When TLS cannot be prepared.
    pub(super) fn new(endpoint: HttpEndpoint) -> Result<Self> {
        let tcp = Tcp::new(endpoint.reach);
        let scheme = endpoint.url.scheme_str().unwrap_or_default();
        let connector = connector(tcp, scheme, &endpoint.trust)?;
        Ok(Self {
            hyper: Hyper::builder(TokioExecutor::new()).build(connector),
            endpoint,
            patience: Patience::default(),
            credentials: AtomicU64::new(0),
        })
    }

    pub(super) fn max_message(&self) -> usize {
        self.endpoint.max_message
    }

    /// Where the endpoint is.
    pub(super) fn url(&self) -> &Uri {
        &self.endpoint.url
    }

    /// Sends a message to the endpoint.
    ///
    /// # Errors
    /// As [`send_to`](Self::send_to).
    pub(super) async fn send(&self, message: Message<'_>) -> Result<Response<Incoming>> {
        self.send_to(&self.endpoint.url, message).await
    }

    /// Sends a message with credentials, as often as those have to be renewed. The URL is one of
    /// the endpoint's origin.
    ///
    /// # Errors
    /// When the server cannot be reached, redirects elsewhere or too often, or when the
    /// credentials cannot be obtained.
    pub(super) async fn send_to(
        &self,
        to: &Uri,
        message: Message<'_>,
    ) -> Result<Response<Incoming>> {
        let mut earlier = 0;
        loop {
            let mut exchange = self.follow(to, &message).await?;
            if !self.tries_again(&message, &exchange, earlier).await? {
                if wants_credentials(exchange.response.status()) {
                    let mut shown = self.endpoint.headers.clone();
                    shown.extend(exchange.credentials);
                    exchange.response.extensions_mut().insert(Shown(shown));
                }
                return Ok(exchange.response);
            }
            earlier += 1;
            self.credentials.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Sends a message, following redirects that stay at this origin and keep the method.
    async fn follow(&self, to: &Uri, message: &Message<'_>) -> Result<Exchange> {
        let mut url = to.clone();
        for _ in 0..=MOST_REDIRECTS {
            let exchange = self.once(message, url).await?;
            match redirect(&exchange.url, &exchange.response) {
                Some(next) => url = next?,
                None => return Ok(exchange),
            }
        }
        Err(ClientError::from_transport(
            "the server redirects too often",
        ))
    }

    async fn once(&self, message: &Message<'_>, url: Uri) -> Result<Exchange> {
        let credentials = self.credentials(message, &url).await?;
        let mut request = Request::new(Full::new(message.body.clone()));
        *request.method_mut() = message.method.clone();
        *request.uri_mut() = url.clone();
        *request.headers_mut() = self.headers(message, &credentials);
        match self.hyper.request(request).await {
            Ok(response) => Ok(Exchange {
                response,
                url,
                credentials,
            }),
            Err(error) => Err(unreachable(&url, error)),
        }
    }

    /// The headers of the message, of the endpoint where the message says nothing, and above both
    /// the credentials.
    fn headers(&self, message: &Message<'_>, credentials: &HeaderMap) -> HeaderMap {
        let mut headers = (message.headers)();
        for name in self.endpoint.headers.keys() {
            if !headers.contains_key(name) {
                for value in self.endpoint.headers.get_all(name) {
                    headers.append(name, value.clone());
                }
            }
        }
        headers.extend(credentials.clone());
        headers
    }

    async fn credentials(&self, message: &Message<'_>, url: &Uri) -> Result<HeaderMap> {
        let Some(authorize) = &self.endpoint.authorizer.0 else {
            return Ok(HeaderMap::new());
        };
        let url = self.spelled(url);
        let _pause = self.patience.pause();
        let method = &message.method;
        authorize.authorize(HttpRequest { method, url: &url }).await
    }

    /// Whether the answer is a refusal that the authorizer found a remedy for.
    async fn tries_again(
        &self,
        message: &Message<'_>,
        exchange: &Exchange,
        earlier: u32,
    ) -> Result<bool> {
        let Some(authorize) = &self.endpoint.authorizer.0 else {
            return Ok(false);
        };
        let (status, headers) = (exchange.response.status(), exchange.response.headers());
        authorize.answered(status, headers);
        if !wants_credentials(status) || earlier >= MOST_RETRIES {
            return Ok(false);
        }
        let url = self.spelled(&exchange.url);
        let refusal = Refusal {
            request: HttpRequest {
                method: &message.method,
                url: &url,
            },
            credentials: &exchange.credentials,
            status,
            headers,
            earlier,
            peer: peer(&exchange.response),
        };
        let _pause = self.patience.pause();
        Ok(authorize.refused(refusal).await? == Verdict::Retry)
    }

    /// A URL as a text: the endpoint's own as it was given, which parsing does not keep.
    fn spelled(&self, url: &Uri) -> Cow<'_, str> {
        if *url == self.endpoint.url {
            Cow::Borrowed(&self.endpoint.text)
        } else {
            Cow::Owned(url.to_string())
        }
    }
}

/// The address that answered.
fn peer(response: &Response<Incoming>) -> Option<IpAddr> {
    let connection = response.extensions().get::<HttpInfo>()?;
    Some(connection.remote_addr().ip())
}

/// Where a redirect leads. Elsewhere is an error: what was meant for this server (credentials
/// above all) is for nobody else.
fn redirect(from: &Uri, response: &Response<Incoming>) -> Option<Result<Uri>> {
    let followed = [
        StatusCode::TEMPORARY_REDIRECT,
        StatusCode::PERMANENT_REDIRECT,
    ];
    if !followed.contains(&response.status()) {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    Some(same_origin(from, location).ok_or_else(|| {
        let problem = format!("the server redirects to `{location}`, which is elsewhere");
        ClientError::from_transport(problem)
    }))
}

/// The URL that a server names, if it is at the same origin.
pub(super) fn same_origin(from: &Uri, location: &str) -> Option<Uri> {
    // Two slashes start an authority, which the parser of this crate takes for a path.
    let to: Uri = if location.starts_with("//") {
        return None;
    } else {
        location.parse().ok()?
    };
    if to.authority().is_none() {
        let path = to
            .path_and_query()
            .filter(|path| path.as_str().starts_with('/'))?;
        let mut parts = from.clone().into_parts();
        parts.path_and_query = Some(path.clone());
        return Uri::from_parts(parts).ok();
    }
    let port = |uri: &Uri| uri.port_u16().unwrap_or_else(|| default_port(uri));
    let host = |uri: &Uri| uri.host().map(str::to_ascii_lowercase);
    let same = to.scheme() == from.scheme() && host(&to) == host(from) && port(&to) == port(from);
    same.then_some(to)
}

fn default_port(uri: &Uri) -> u16 {
    if uri.scheme_str() == Some("https") {
        443
    } else {
        80
    }
}

/// The media type of a body.
pub(super) fn media(headers: &HeaderMap) -> Media {
    let text = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let essence = text.split(';').next().unwrap_or("").trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Media::Json
    } else if essence.eq_ignore_ascii_case("text/event-stream") {
        Media::Events
    } else {
        Media::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_redirects_to_the_same_origin_are_followed() {
        let from: Uri = "http://a.test:80/mcp".parse().unwrap();
        for (location, followed) in [
            ("/other", Some("http://a.test:80/other")),
            ("http://A.test/other?x=1", Some("http://a.test/other?x=1")),
            ("http://b.test/mcp", None),
            ("https://a.test/mcp", None),
            ("http://a.test:81/mcp", None),
            ("//b.test/mcp", None),
            ("other", None),
        ] {
            let to = same_origin(&from, location).map(|uri| uri.to_string().to_ascii_lowercase());
            assert_eq!(to.as_deref(), followed, "{location}");
        }
    }
}
