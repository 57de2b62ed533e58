//! Exchanges with a provider.

use std::sync::Arc;

use http::{Request, Response};

use super::claims::Claims;
use super::failure::Failure;
use crate::fetch::{Fetch, FetchError, Fetcher};
use crate::verify::json;

/// The longest answer of a provider, in bytes.
const LIMIT: usize = 64 << 10;

/// The way to a provider.
#[derive(Clone, Debug)]
pub(super) struct Web(pub(super) Arc<dyn Fetch>);

impl Default for Web {
    /// The operator says which provider it is, so it may be in the operator's own network.
    fn default() -> Self {
        Self(Arc::new(
            Fetcher::new().internal_addresses().plain_loopback(),
        ))
    }
}

impl Web {
    /// Sends a request and reads the answer, whatever its status.
    ///
    /// # Errors
    /// When nobody answers, or at too great a length.
    pub(super) async fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Failure> {
        self.0
            .fetch(request, LIMIT)
            .await
            .map_err(|error| match error {
                FetchError::Url(_) => {
                    Failure::misconfigured("a URL of the provider may not be asked").because(error)
                }
                _ => Failure::unavailable("the provider cannot be reached").because(error),
            })
    }

    /// As [`send`](Self::send), of what may not be a request.
    ///
    /// # Errors
    /// As [`send`](Self::send), and when it is none.
    pub(super) async fn send_built(
        &self,
        request: http::Result<Request<Vec<u8>>>,
    ) -> Result<Response<Vec<u8>>, Failure> {
        let why = "a URL of the provider is none";
        self.send(request.map_err(|_| Failure::misconfigured(why))?)
            .await
    }
}

/// The JSON object that an answer is.
///
/// # Errors
/// When it is something else.
pub(super) fn claims(response: &Response<Vec<u8>>) -> Result<Claims, Failure> {
    let why = "the provider's answer is no JSON object";
    json::object(response.body()).ok_or(Failure::untrusted(why))
}
