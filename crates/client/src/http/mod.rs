//! Streamable HTTP, in both eras.
//!
//! In the stateless era each request is one POST, and its answer a JSON body or a stream of its
//! own; dropping the call drops the stream, which is how the server learns of it. In the session
//! era there is a session id, a standalone stream for what belongs to no request, and streams that
//! break off are resumed with `Last-Event-ID` after the time the server asked for.

mod body;
mod connect;
mod encoding;
mod headers;
mod link;
mod sse;
mod streams;

use hyper::Uri;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

pub(crate) use link::HttpLink;

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
    url: Uri,
    headers: HeaderMap,
    max_message: usize,
}

impl HttpEndpoint {
    /// The endpoint at an `http` URL.
    ///
    /// # Errors
    /// When the text is no absolute `http` URL.
    pub fn new(url: &str) -> Result<Self> {
        let url: Uri = url
            .parse()
            .map_err(|error| ClientError::transport(format!("`{url}` is no URL"), error))?;
        match (url.scheme_str(), url.host()) {
            (Some("http"), Some(_)) => Ok(Self {
                url,
                headers: HeaderMap::new(),
                max_message: 16 << 20,
            }),
            (Some(scheme), _) if scheme != "http" => Err(ClientError::unsupported(format!(
                "URLs with scheme `{scheme}` are not supported"
            ))),
            _ => Err(ClientError::from_transport(format!(
                "`{url}` is no absolute URL"
            ))),
        }
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

    /// The largest message accepted from the server, in bytes. 16 MiB by default.
    #[must_use]
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }
}
