//! HTTP requests to one endpoint, and what answers are before anything of them is read.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::HttpEndpoint;
use crate::Result;
use crate::error::ClientError;

/// A redirect that leads to redirects leads nowhere.
const MOST_REDIRECTS: usize = 3;

/// The connections to one endpoint.
pub(super) struct Connections {
    hyper: Hyper<HttpConnector, Full<Bytes>>,
    endpoint: HttpEndpoint,
}

/// What the body of a successful answer is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Media {
    Json,
    Events,
    Other,
}

impl Connections {
    pub(super) fn new(endpoint: HttpEndpoint) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            hyper: Hyper::builder(TokioExecutor::new()).build(connector),
            endpoint,
        }
    }

    pub(super) fn max_message(&self) -> usize {
        self.endpoint.max_message
    }

    /// Sends a request, following redirects that stay at this origin and keep the method.
    ///
    /// # Errors
    /// When the server cannot be reached, or redirects elsewhere or too often.
    pub(super) async fn send(
        &self,
        method: Method,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Incoming>> {
        let mut url = self.endpoint.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let mut request = Request::new(Full::new(body.clone()));
            *request.method_mut() = method.clone();
            *request.uri_mut() = url.clone();
            *request.headers_mut() = self.endpoint.headers.clone();
            request.headers_mut().extend(headers.clone());
            let response = self
                .hyper
                .request(request)
                .await
                .map_err(|error| ClientError::transport(format!("request to {url}"), error))?;
            match redirect(&url, &response) {
                Some(next) => url = next?,
                None => return Ok(response),
            }
        }
        Err(ClientError::from_transport(
            "the server redirects too often",
        ))
    }
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

fn same_origin(from: &Uri, location: &str) -> Option<Uri> {
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
    let port = |uri: &Uri| uri.port_u16().unwrap_or(80);
    let host = |uri: &Uri| uri.host().map(str::to_ascii_lowercase);
    let same = to.scheme() == from.scheme() && host(&to) == host(from) && port(&to) == port(from);
    same.then_some(to)
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
