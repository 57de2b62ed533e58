//! Users that stand in code, for development.

use purlin_core::BoxFuture;

use super::storage::Digest;
use crate::{
    identity::{
        Callback, Credentials, Identity, IdentityProvider, LoginError, LoginErrorKind,
        LoginRequest, LoginStep, UpstreamTokens,
    },
    random,
};

/// An identity provider whose users stand in code, for development on one machine: a login page
/// without anything to set up.
///
/// An authorization server in front of it refuses to be built for an address that other machines
/// can reach, and its login page answers this machine alone.
///
/// ```
/// use purlin_auth::authorization_server::{DevelopmentLogin, DevelopmentUser};
///
/// let users = DevelopmentLogin::new()
///     .user(DevelopmentUser::new("alice", "wonderland").roles(["admin"]))
///     .user(DevelopmentUser::new("bob", "builder"));
/// ```
#[derive(Clone, Debug)]
pub struct DevelopmentLogin {
    users: Vec<DevelopmentUser>,
}

/// A user of a [`DevelopmentLogin`].
#[derive(Clone, Debug)]
pub struct DevelopmentUser {
    identity: Identity,
    salt: [u8; 32],
    password: Digest,
}

impl DevelopmentUser {
    /// A user with the name to log in with, which is the subject of tokens too, and a password.
    pub fn new(name: &str, password: &str) -> Self {
        let salt = random::bytes();
        Self {
            identity: Identity::new(name).with_name(name),
            salt,
            password: Digest::of(&salted(&salt, password)),
        }
    }

    /// Adds what the user is.
    #[must_use]
    pub fn roles<T: Into<String>>(mut self, roles: impl IntoIterator<Item = T>) -> Self {
        self.identity = self.identity.with_roles(roles);
        self
    }

    /// Says whose data the user may see.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.identity = self.identity.with_tenant(tenant);
        self
    }

    /// Adds an address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.identity = self.identity.with_email(email);
        self
    }

    fn has_password(&self, password: &str) -> bool {
        self.password.is_of(&salted(&self.salt, password))
    }
}

fn salted(salt: &[u8; 32], password: &str) -> Vec<u8> {
    [salt, password.as_bytes()].concat()
}

impl Default for DevelopmentLogin {
    fn default() -> Self {
        Self::new()
    }
}

impl DevelopmentLogin {
    /// Nobody yet.
    pub fn new() -> Self {
        Self { users: Vec::new() }
    }

    /// Adds a user. One of the same name as another never gets in.
    #[must_use]
    pub fn user(mut self, user: DevelopmentUser) -> Self {
        self.users.push(user);
        self
    }
}

impl IdentityProvider for DevelopmentLogin {
    fn name(&self) -> &str {
        "the development login"
    }

    fn begin<'a>(&'a self, _: LoginRequest<'a>) -> BoxFuture<'a, Result<LoginStep, LoginError>> {
        Box::pin(async { Ok(LoginStep::password()) })
    }

    fn complete<'a>(&'a self, _: Callback<'a>) -> BoxFuture<'a, Result<Identity, LoginError>> {
        Box::pin(async {
            let message = "the development login never sends anybody away, so nobody comes back";
            Err(LoginError::new(LoginErrorKind::Untrusted, message))
        })
    }

    fn refresh<'a>(&'a self, _: &'a UpstreamTokens) -> BoxFuture<'a, Result<Identity, LoginError>> {
        Box::pin(async {
            let message = "the development login has no tokens of its own";
            Err(LoginError::new(LoginErrorKind::Configuration, message))
        })
    }

    fn sign_in<'a>(
        &'a self,
        credentials: Credentials<'a>,
    ) -> BoxFuture<'a, Result<Identity, LoginError>> {
        let mut users = self.users.iter();
        let named = users.find(|user| user.identity.subject == credentials.username);
        let found = named.filter(|user| user.has_password(credentials.password.reveal()));
        let answer = found.map(|user| user.identity.clone()).ok_or_else(|| {
            let message = "no user of the development login has this name and password";
            LoginError::new(LoginErrorKind::Denied, message)
        });
        Box::pin(async { answer })
    }

    fn loopback_only(&self) -> bool {
        true
    }
}
