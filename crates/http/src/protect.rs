//! Who is calling: the seam to whatever verifies credentials.
//!
//! An [`Authenticator`] decides before the body is read and before the era of a request is known,
//! so there is no way around it. What it finds out is the
//! [`Principal`](purlin_core::Principal) of the request: sessions belong to it, handlers see it,
//! limits count by it. The credentials go no further.

use std::{fmt, net::IpAddr, sync::Arc};

use http::{HeaderValue, Response, StatusCode, header::WWW_AUTHENTICATE, request::Parts};
use purlin_core::{BoxFuture, Principal};

use crate::{body::Body, route::Route};

/// Who calls, or what the caller is answered.
pub type Authenticated = Result<Principal, Box<Response<Body>>>;

/// A decision about a request, now or after a wait.
pub enum Authentication<'a> {
    /// Nothing had to be waited for.
    Ready(Authenticated),
    /// Somebody else is asked first.
    Later(BoxFuture<'a, Authenticated>),
}

impl fmt::Debug for Authentication<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(Ok(principal)) => f.debug_tuple("Ready").field(principal).finish(),
            Self::Ready(Err(answer)) => f.debug_tuple("Refused").field(&answer.status()).finish(),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}

impl Authentication<'_> {
    /// The decision, however long it takes.
    ///
    /// # Cancellation
    /// As that of the authenticator.
    pub async fn decided(self) -> Authenticated {
        match self {
            Self::Ready(authenticated) => authenticated,
            Self::Later(later) => later.await,
        }
    }
}

/// Decides who calls.
///
/// It is asked on every request to the endpoint, after host and origin were checked and before
/// the body is read; see [`HttpConfig::authenticator`](crate::HttpConfig::authenticator).
/// `purlin_auth::protect::Protection` is the one for OAuth, API keys and certificates.
///
/// ```
/// use std::net::IpAddr;
/// use http::{HeaderValue, Response, StatusCode, header, request::Parts};
/// use purlin_core::Principal;
/// use purlin_http::{Authentication, Authenticator, Body, HttpConfig};
///
/// /// Callers that a mesh in front of this server has authenticated.
/// #[derive(Debug)]
/// struct Mesh(IpAddr);
///
/// impl Authenticator for Mesh {
///     fn authenticate<'a>(&'a self, head: &'a Parts, peer: Option<IpAddr>) -> Authentication<'a> {
///         let named = head.headers.get("x-mesh-user").and_then(|name| name.to_str().ok());
///         Authentication::Ready(match named {
///             Some(name) if peer == Some(self.0) => Ok(Principal::new(name)),
///             _ => {
///                 let mut answer = Response::new(Body::from(Vec::new()));
///                 *answer.status_mut() = StatusCode::UNAUTHORIZED;
///                 Err(Box::new(answer))
///             }
///         })
///     }
///
///     fn challenge(&self, _: StatusCode, _: &[String]) -> Option<HeaderValue> {
///         None
///     }
/// }
///
/// let config = HttpConfig::new().authenticator(Mesh([127, 0, 0, 1].into()));
/// ```
pub trait Authenticator: fmt::Debug + Send + Sync + 'static {
    /// Who sent the request with this head, or what to answer instead.
    ///
    /// `peer` is the other end of the connection where it is known: it may be a proxy. Whom the
    /// request came from through it is said by [`ClientAddress::of`](crate::ClientAddress::of) the
    /// extensions, and by `peer` where they say nothing. Nothing of the extensions was sent by the
    /// caller.
    ///
    /// # Cancellation
    /// The future is dropped when the client goes away.
    fn authenticate<'a>(&'a self, head: &'a Parts, peer: Option<IpAddr>) -> Authentication<'a>;

    /// `WWW-Authenticate` for what the server itself refused: an operation that needs a caller
    /// (401), or one with more scopes (403). `scopes` are all that the operation needs.
    fn challenge(&self, status: StatusCode, scopes: &[String]) -> Option<HeaderValue>;

    /// The paths it answers itself, without protection: metadata, the endpoints of an
    /// authorization server. They are checked like those of
    /// [`HttpConfig::route`](crate::HttpConfig::route).
    fn routes(&self) -> Vec<Route> {
        Vec::new()
    }
}

impl<A: Authenticator + ?Sized> Authenticator for Arc<A> {
    fn authenticate<'a>(&'a self, head: &'a Parts, peer: Option<IpAddr>) -> Authentication<'a> {
        (**self).authenticate(head, peer)
    }

    fn challenge(&self, status: StatusCode, scopes: &[String]) -> Option<HeaderValue> {
        (**self).challenge(status, scopes)
    }

    fn routes(&self) -> Vec<Route> {
        (**self).routes()
    }
}

/// The other end of the connection, in the extensions of a request that a [`Route`] answers.
///
/// A service that is mounted elsewhere learns it from there as well, if a layer of yours puts it
/// in.
///
/// ```
/// use purlin_http::Peer;
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(Peer([192, 0, 2, 1].into()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(
    /// The address. That of a proxy, where one is in between: whatever limits or counts callers
    /// goes by [`ClientAddress::of`](crate::ClientAddress::of).
    pub IpAddr,
);

/// What an answer of the server lacks until the authenticator was asked for a challenge; in the
/// extensions of the response.
#[derive(Clone, Debug)]
pub(crate) struct Unchallenged {
    pub(crate) status: StatusCode,
    pub(crate) scopes: Box<[String]>,
}

/// Turns a refusal of the server into one that says how to be let in.
pub(crate) fn challenge(authenticator: &dyn Authenticator, response: &mut Response<Body>) {
    let Some(refused) = response.extensions_mut().remove::<Unchallenged>() else {
        return;
    };
    if let Some(challenge) = authenticator.challenge(refused.status, &refused.scopes) {
        *response.status_mut() = refused.status;
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
}
