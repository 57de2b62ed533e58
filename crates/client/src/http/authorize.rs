//! Who is asking: the seam between requests over HTTP and whoever knows the credentials.
//!
//! Every request (calls, notifications, the streams of a session, its end) passes here on its way
//! out and, when the server refuses it, on its way back:
//!
//! 1. [`Authorize::authorize`] gives the headers of this very request. It may take its time, for
//!    example to refresh a token, and it sees the method and the URL, which a proof of possession
//!    is bound to.
//! 2. [`Authorize::answered`] sees the status and the headers of every answer, for example
//!    the next nonce.
//! 3. An answer with status 401 or 403 goes to [`Authorize::refused`] with its `WWW-Authenticate`
//!    headers. It may log in, register, ask for more, and say [`Verdict::Retry`]: the request goes
//!    through step 1 again. The body of the refused request is sent unchanged, with the same id.
//!
//! The time that these steps take does not count against the deadline of a call: a user who types
//! a password is no slow server. The number of retries is bounded here; how often a user is asked
//! is for the implementation to bound.
//!
//! What this refuses to do: send credentials to anyone but the origin they were obtained for.
//! Redirects to another origin are errors.

use std::fmt;
use std::future::ready;
use std::net::IpAddr;
use std::sync::Arc;

use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};

use crate::error::ClientError;
use crate::{BoxFuture, Result};

/// How often a request is sent again because of what [`Authorize::refused`] obtained.
pub(super) const MOST_RETRIES: u32 = 5;

/// Obtains what authorizes the requests to one server.
///
/// [`Bearer`] is the simplest one. Requests run at the same time, and so do these methods: an
/// implementation that logs in makes the others wait for the same login.
pub trait Authorize: Send + Sync + 'static {
    /// The headers that authorize this request; none to send it without.
    ///
    /// # Errors
    /// Ends the request; see [`ClientError::from_authorization`].
    fn authorize<'a>(&'a self, request: HttpRequest<'a>) -> BoxFuture<'a, Result<HeaderMap>>;

    /// What to do about an answer with status 401 or 403. Gives up by default.
    ///
    /// # Errors
    /// Ends the request; see [`ClientError::from_authorization`].
    fn refused<'a>(&'a self, refusal: Refusal<'a>) -> BoxFuture<'a, Result<Verdict>> {
        let _ = refusal;
        Box::pin(ready(Ok(Verdict::GiveUp)))
    }

    /// Sees the status and the headers of every answer.
    fn answered(&self, status: StatusCode, headers: &HeaderMap) {
        let _ = (status, headers);
    }
}

/// A request on its way out.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct HttpRequest<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Where it goes; the endpoint's URL exactly as it was given, unless a redirect was followed.
    pub url: &'a str,
}

/// An answer that wants (other) credentials.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Refusal<'a> {
    /// The request that was refused.
    pub request: HttpRequest<'a>,
    /// The headers that authorized it. Others may have obtained better ones since.
    pub credentials: &'a HeaderMap,
    /// 401 or 403.
    pub status: StatusCode,
    /// All headers of the answer, `WWW-Authenticate` among them.
    pub headers: &'a HeaderMap,
    /// How often this request was refused before.
    pub earlier: u32,
    /// The address that the answer came from, if the connection knows it. What it names may be
    /// asked within [`Reach::granted_by`](super::Reach::granted_by) it.
    pub peer: Option<IpAddr>,
}

/// What to do about a [`Refusal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Send the request again, with newly asked credentials.
    Retry,
    /// The refusal is the answer: the call fails with
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized).
    GiveUp,
}

/// A token that is there already.
///
/// ```
/// use purlin_client::http::{Bearer, HttpEndpoint};
///
/// let endpoint = HttpEndpoint::new("http://127.0.0.1:8000/mcp")?
///     .authorize(Bearer::new("opaque-token")?);
/// # Ok::<(), purlin_client::ClientError>(())
/// ```
pub struct Bearer(HeaderMap);

impl Bearer {
    /// The token as `Authorization: Bearer` says it.
    ///
    /// # Errors
    /// When the token may not stand in a header.
    pub fn new(token: &str) -> Result<Self> {
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|error| ClientError::transport("the bearer token", error))?;
        value.set_sensitive(true);
        Ok(Self(HeaderMap::from_iter([(AUTHORIZATION, value)])))
    }
}

impl Authorize for Bearer {
    fn authorize<'a>(&'a self, _: HttpRequest<'a>) -> BoxFuture<'a, Result<HeaderMap>> {
        Box::pin(ready(Ok(self.0.clone())))
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(…)")
    }
}

/// The authorizer of an endpoint, if it has one.
#[derive(Clone, Default)]
pub(super) struct Authorizer(pub(super) Option<Arc<dyn Authorize>>);

impl fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(_) => "Authorizer(…)",
            None => "Authorizer(none)",
        })
    }
}
