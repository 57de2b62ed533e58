//! What was fetched.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use super::{Target, content};

/// An answer, whole and decompressed. Everything in it is a stranger's word.
#[derive(Clone, Debug)]
pub struct Fetched {
    pub(super) url: Target,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Fetched {
    /// Where it came from, after all redirects.
    #[must_use]
    pub fn url(&self) -> &Target {
        &self.url
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Its headers; those that spoke of the compressed body are gone.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Its content type in lower case and without parameters, if there is one.
    #[must_use]
    pub fn content_type(&self) -> Option<String> {
        let value = self.headers.get(CONTENT_TYPE)?;
        Some(content::essence(value.to_str().ok()?))
    }

    /// Its body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Its body alone.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }

    /// Its body as text: UTF-8, with `U+FFFD` for what is none, whatever the answer says.
    #[must_use]
    pub fn text(&self) -> String {
        content::text(&self.body)
    }
}
