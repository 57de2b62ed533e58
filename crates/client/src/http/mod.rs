//! Streamable HTTP, in both eras.
//!
//! In the stateless era each request is one POST, and its answer a JSON body or a stream of its
//! own; dropping the call drops the stream, which is how the server learns of it. In the session
//! era there is a session id, a standalone stream for what belongs to no request, and streams that
//! break off are resumed with `Last-Event-ID` after the time the server asked for. What came
//! before that (HTTP+SSE, 2024-11-05) is tried last, or when [`HttpEndpoint::event_stream`] says so.

mod authorize;
mod body;
mod connect;
mod encoding;
mod headers;
mod link;
mod old_stream;
#[cfg(not(feature = "tls"))]
mod plain;
mod reach;
mod sse;
mod streams;
#[cfg(feature = "tls")]
mod tls;
mod unreachable;
mod web;

use std::sync::Arc;

use authorize::Authorizer;
use connector::Trust;
use hyper::Uri;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

pub use authorize::{Authorize, Bearer, HttpRequest, Refusal, Verdict};
pub use hyper::header;
pub use hyper::{Method, StatusCode};
pub(crate) use link::HttpLink;
#[cfg(not(feature = "tls"))]
use plain as connector;
pub use reach::Reach;
#[cfg(feature = "tls")]
use tls as connector;
pub use web::Web;

use crate::Result;
use crate::error::ClientError;

/// The MCP endpoint of a server: its URL and what every request to it carries.
///
/// ```
/// use purlin_client::http::HttpEndpoint;
///
/// let endpoint = HttpEndpoint::new("http://127.0.0.1:8000/mcp")?.header("x-team", "weather")?;
/// # Ok::<(), purlin_client::ClientError>(())
/// ```
#[derive(Clone, Debug)]
pub struct HttpEndpoint {
    /// As it was given: identifiers of OAuth are compared byte for byte.
    text: String,
    url: Uri,
    headers: HeaderMap,
    max_message: usize,
    authorizer: Authorizer,
    trust: Trust,
    old_stream: bool,
    reach: Reach,
}

impl HttpEndpoint {
    /// The endpoint at an `http` URL, or with the feature `tls` an `https` one.
    ///
    /// # Errors
    /// When the text is no absolute URL of these.
    pub fn new(url: &str) -> Result<Self> {
        let text = url.to_owned();
        let url: Uri = url
            .parse()
            .map_err(|error| ClientError::transport(format!("`{text}` is no URL"), error))?;
        let (Some(scheme), Some(_)) = (url.scheme_str(), url.host()) else {
            return Err(ClientError::from_transport(format!(
                "`{text}` is no absolute URL"
            )));
        };
        connector::supports(scheme)?;
        Ok(Self {
            text,
            url,
            headers: HeaderMap::new(),
            max_message: 16 << 20,
            authorizer: Authorizer::default(),
            trust: Trust::default(),
            old_stream: false,
            reach: Reach::Anywhere,
        })
    }

    /// The URL, exactly as it was given.
    pub fn url(&self) -> &str {
        &self.text
    }

    /// Lets each request be authorized, and what the server refuses be tried again; see
    /// [`Authorize`].
    #[must_use]
    pub fn authorize(mut self, authorize: impl Authorize) -> Self {
        self.authorizer = Authorizer(Some(Arc::new(authorize)));
        self
    }

    /// Adds a header to every request. Its value is kept out of `Debug` output.
    ///
    /// # Errors
    /// When the name or the value may not stand in a header.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        let name: HeaderName = name
            .parse()
            .map_err(|error| ClientError::transport(format!("header name `{name}`"), error))?;
        let mut value: HeaderValue = value
            .parse()
            .map_err(|error| ClientError::transport(format!("value of header `{name}`"), error))?;
        value.set_sensitive(true);
        self.headers.append(name, value);
        Ok(self)
    }

    /// Which addresses the endpoint's name may lead to. All by default; [`Reach::Public`] is for
    /// URLs from somebody who is not trusted.
    #[must_use]
    pub fn reach(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// Says that the URL is that of the event stream of revision 2024-11-05 (HTTP+SSE). Without
    /// this, it is tried last.
    #[must_use]
    pub fn event_stream(mut self) -> Self {
        self.old_stream = true;
        self
    }

    /// Whether the URL was said to be that of an event stream.
    pub(crate) fn is_event_stream(&self) -> bool {
        self.old_stream
    }

    /// The largest message accepted from the server, in bytes. 16 MiB by default.
    #[must_use]
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }
}
