//! What is asked of a fetcher.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::{FetchError, headers};

/// A URL as its text, and how to fetch it. A text alone is a `GET`.
///
/// ```no_run
/// use purlin_guard::{UrlFetcher, fetch::FetchRequest};
///
/// # async fn example(fetcher: UrlFetcher) -> Result<(), purlin_guard::fetch::FetchError> {
/// let request = FetchRequest::post("https://api.example.com/search", r#"{"q":"oak"}"#)
///     .header("content-type", "application/json")
///     .header("accept", "application/json");
/// let found = fetcher.fetch(request).await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct FetchRequest {
    pub(super) url: String,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) any_status: bool,
    pub(super) any_content: bool,
    pub(super) limit: Option<usize>,
    fault: Option<FetchError>,
}

impl FetchRequest {
    /// A request with some method; `GET`, `HEAD` and `POST` are sent, others are
    /// `invalid_method`.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            method,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            any_status: false,
            any_content: false,
            limit: None,
            fault: None,
        }
    }

    /// Fetches a URL.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url)
    }

    /// Asks for the headers alone.
    pub fn head(url: impl Into<String>) -> Self {
        Self::new(Method::HEAD, url)
    }

    /// Sends a body.
    pub fn post(url: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self::new(Method::POST, url).body(body)
    }

    /// Sends a header. One that may not be sent is `invalid_header` when the request is fetched:
    /// those of the connection, of its framing, of proxies, of the metadata services of clouds,
    /// `Host`, `Cookie` and `Accept-Encoding`.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).map_err(|_| "its name is none");
        let value = HeaderValue::try_from(value).map_err(|_| "its value is none");
        match (name, value) {
            (Ok(name), Ok(value)) => {
                self.headers.append(name, value);
            }
            (Err(why), _) | (_, Err(why)) => self.fault = Some(FetchError::InvalidHeader(why)),
        }
        self
    }

    /// Sends headers, beside those that there are.
    #[must_use]
    pub fn headers(mut self, headers: &HeaderMap) -> Self {
        for (name, value) in headers {
            self.headers.append(name, value.clone());
        }
        self
    }

    /// Sends a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Takes an answer of whatever status: failures, and redirects where none are followed. They
    /// are errors otherwise.
    #[must_use]
    pub fn any_status(mut self) -> Self {
        self.any_status = true;
        self
    }

    /// Takes an answer of whatever content type, and without one.
    #[must_use]
    pub fn any_content_type(mut self) -> Self {
        self.any_content = true;
        self
    }

    /// Takes no body of more bytes than this, nor than [`Limits::body`](super::Limits::body).
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = Some(bytes);
        self
    }

    /// The request, if it may be sent at all.
    ///
    /// # Errors
    /// `invalid_method` and `invalid_header`.
    pub(super) fn checked(self) -> Result<Self, FetchError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if ![Method::GET, Method::HEAD, Method::POST].contains(&self.method) {
            return Err(FetchError::InvalidMethod);
        }
        headers::check(&self.headers)?;
        Ok(self)
    }
}

impl From<&str> for FetchRequest {
    fn from(url: &str) -> Self {
        Self::get(url)
    }
}

impl From<String> for FetchRequest {
    fn from(url: String) -> Self {
        Self::get(url)
    }
}
