//! Taking the user to the authorization server, and back.

mod browser;
mod loopback;
mod page;
mod unattended;

use std::fmt;

use purlin_client::BoxFuture;

pub use loopback::Loopback;
pub use unattended::Unattended;

use super::Result;

/// Takes users to a page where they log in and consent, and brings back where they ended up.
///
/// [`Loopback`] does so with the browser of this machine. Implement it where users are reached in
/// another way: a chat window, a dialogue, a queue.
pub trait UserAgent: fmt::Debug + Send + Sync + 'static {
    /// Gets ready to receive a user. `earlier` is the redirect URI of the last time, if there was
    /// one: with another one, the client has to be registered anew.
    ///
    /// # Errors
    /// When nobody can be received.
    fn open<'a>(&'a self, earlier: Option<&'a str>) -> BoxFuture<'a, Result<Box<dyn Round>>>;
}

/// One trip of one user.
pub trait Round: Send + Sync {
    /// Where the authorization server sends the user back to.
    fn redirect_uri(&self) -> &str;

    /// Takes the user there, and gives the whole URL that the user came back to.
    ///
    /// # Errors
    /// When the user does not come back.
    fn visit(self: Box<Self>, request: AuthorizationRequest) -> BoxFuture<'static, Result<String>>;
}

/// The page that a user is taken to.
#[derive(Clone)]
pub struct AuthorizationRequest {
    pub(super) url: String,
    pub(super) state: String,
}

impl AuthorizationRequest {
    /// The URL of the page: `https`, or `http` on this machine.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether a URL that somebody came back to belongs to this trip.
    pub fn is_answered_by(&self, url: &str) -> bool {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes())
            .any(|(name, value)| name == "state" && value == self.state)
    }
}

/// The URL holds what only this user's browser should see.
impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationRequest([redacted])")
    }
}
