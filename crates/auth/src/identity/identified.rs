//! Who was logged in.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::secret::Secret;

/// Who was logged in, as the provider proved it.
///
/// `Debug` names the claims and leaves their values out.
///
/// ```
/// use purlin_auth::identity::Identity;
///
/// let alice = Identity::new("alice").with_name("Alice").with_roles(["admin"]);
/// assert_eq!(alice.roles, ["admin"]);
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Identity {
    /// The name that is the user's own at the issuer, and never somebody else's later.
    pub subject: String,
    /// Who vouches for the user: the issuer of the provider. `None` for users of our own.
    #[serde(default)]
    pub issuer: Option<String>,
    /// The name to show.
    #[serde(default)]
    pub name: Option<String>,
    /// The address, where the provider has verified it.
    #[serde(default)]
    pub email: Option<String>,
    /// What the user is.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whose data the user may see.
    #[serde(default)]
    pub tenant: Option<String>,
    /// What else was verified.
    #[serde(default)]
    pub claims: Map<String, Value>,
    /// The provider's own tokens, kept sealed and never handed out.
    #[serde(default)]
    pub upstream: Option<UpstreamTokens>,
}

impl Identity {
    /// A user by the subject alone.
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            issuer: None,
            name: None,
            email: None,
            roles: Vec::new(),
            tenant: None,
            claims: Map::new(),
            upstream: None,
        }
    }

    /// Says who vouches.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Says what to call the user.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says where mail reaches the user. It has to be verified.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Adds what the user is.
    #[must_use]
    pub fn with_roles<T: Into<String>>(mut self, roles: impl IntoIterator<Item = T>) -> Self {
        self.roles.extend(roles.into_iter().map(Into::into));
        self
    }

    /// Says whose data the user may see. It has to come from a verified claim.
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Adds what else was verified.
    #[must_use]
    pub fn with_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Adds the provider's own tokens.
    #[must_use]
    pub fn with_upstream(mut self, tokens: UpstreamTokens) -> Self {
        self.upstream = Some(tokens);
        self
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let claims: Vec<&String> = self.claims.keys().collect();
        f.debug_struct("Identity")
            .field("subject", &self.subject)
            .field("issuer", &self.issuer)
            .field("roles", &self.roles)
            .field("tenant", &self.tenant)
            .field("claims", &claims)
            .field("upstream", &self.upstream)
            .finish_non_exhaustive()
    }
}

/// Tokens of the provider that belong to an identity.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpstreamTokens {
    /// What the provider's own services take.
    pub access_token: Secret,
    /// What it can be renewed with.
    #[serde(default)]
    pub refresh_token: Option<Secret>,
    /// What says who the user is, where the provider has such a thing.
    #[serde(default)]
    pub id_token: Option<Secret>,
    /// When the access token ends, in seconds since 1970.
    #[serde(default)]
    pub expires_at: Option<u64>,
    /// What the provider granted.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl UpstreamTokens {
    /// An access token alone.
    pub fn new(access_token: impl Into<Secret>) -> Self {
        Self {
            access_token: access_token.into(),
            refresh_token: None,
            id_token: None,
            expires_at: None,
            scopes: Vec::new(),
        }
    }
}
