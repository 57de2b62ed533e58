//! Documents and answers of authorization servers, fetched without being led astray.
//!
//! What is fetched decides who is let in, and where it lies is often said by somebody else. So
//! everything goes through one door, [`Fetch`], and [`Fetcher`] is the one with a network behind
//! it: `https` at port 443 only, except on this machine; the address that a name leads to is checked
//! where it is looked up, and the connection goes to that address; no redirect is followed; the size
//! of an answer and the time it takes are bounded. The rules are those of `purlin-guard`.

mod error;
mod fetcher;

use std::fmt::Debug;

use http::{Request, Response};
use purlin_core::BoxFuture;

pub use error::FetchError;
pub use fetcher::Fetcher;

/// One exchange with an authorization server; tests answer without a network.
///
/// ```
/// use http::{Request, Response};
/// use purlin_auth::fetch::{Fetch, FetchError};
/// use purlin_core::BoxFuture;
///
/// /// Nobody has keys.
/// #[derive(Debug)]
/// struct Empty;
///
/// impl Fetch for Empty {
///     fn fetch(
///         &self,
///         _: Request<Vec<u8>>,
///         _: usize,
///     ) -> BoxFuture<'_, Result<Response<Vec<u8>>, FetchError>> {
///         Box::pin(async { Ok(Response::new(br#"{"keys":[]}"#.to_vec())) })
///     }
/// }
/// ```
pub trait Fetch: Debug + Send + Sync + 'static {
    /// Sends a request with an absolute URL and reads the answer, whatever its status, unless
    /// its body is longer than `limit` bytes.
    ///
    /// # Errors
    /// When the URL is none to be asked, nobody answers in time, or the answer is too large.
    ///
    /// # Cancellation
    /// Dropping the future ends the exchange.
    fn fetch(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, FetchError>>;
}
