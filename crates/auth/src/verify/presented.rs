//! What a caller shows.

use std::fmt;
use std::net::IpAddr;

use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use purlin_http::ClientAddress;

/// How a token was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// Whoever has it may use it (RFC 6750).
    Bearer,
    /// Bound to a key, with a proof of its possession (RFC 9449).
    Dpop,
    /// There is no token; the caller may be known by something else.
    None,
}

/// What one request shows to prove who sent it.
///
/// `Debug` leaves the token and all headers out.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    scheme: Scheme,
    token: &'a str,
    resource: &'a str,
    head: &'a Parts,
    peer: Option<IpAddr>,
}

impl<'a> Presented<'a> {
    /// What is shown by a request with this head to a server that is `resource`.
    ///
    /// ```
    /// use purlin_auth::verify::{Presented, Scheme};
    ///
    /// let (head, ()) = http::Request::new(()).into_parts();
    /// let presented = Presented::new("https://mcp.example.com/mcp", &head)
    ///     .with_token(Scheme::Bearer, "s3cret");
    /// assert!(!format!("{presented:?}").contains("s3cret"));
    /// ```
    pub fn new(resource: &'a str, head: &'a Parts) -> Self {
        Self {
            scheme: Scheme::None,
            token: "",
            resource,
            head,
            peer: None,
        }
    }

    /// The same with a token.
    #[must_use]
    pub fn with_token(mut self, scheme: Scheme, token: &'a str) -> Self {
        self.scheme = scheme;
        self.token = token;
        self
    }

    /// The same from this address.
    #[must_use]
    pub fn with_peer(mut self, peer: IpAddr) -> Self {
        self.peer = Some(peer);
        self
    }

    /// How the token was presented.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The token; empty if there is none.
    pub fn token(&self) -> &'a str {
        self.token
    }

    /// The identifier of this server, which the token has to be meant for (RFC 8707).
    pub fn resource(&self) -> &'a str {
        self.resource
    }

    /// The method of the request.
    pub fn method(&self) -> &'a Method {
        &self.head.method
    }

    /// The target of the request.
    pub fn uri(&self) -> &'a Uri {
        &self.head.uri
    }

    /// The other end of the connection, where it is known: it may be a proxy.
    pub fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    /// Where the request comes from, beyond the proxies that are trusted
    /// ([`HttpConfig::trusted_proxies`](purlin_http::HttpConfig::trusted_proxies)): whatever
    /// counts or limits callers goes by it.
    pub fn client(&self) -> Option<IpAddr> {
        ClientAddress::of(&self.head.extensions).or(self.peer)
    }

    /// The headers of the request: what the caller, or a proxy in between, says.
    pub fn headers(&self) -> &'a HeaderMap {
        &self.head.headers
    }

    /// The value of a header that stands exactly once and is printable ASCII.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut values = self.head.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    }
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("scheme", &self.scheme)
            .field("resource", &self.resource)
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}
