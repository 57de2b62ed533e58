//! Who wants to be let in.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::authorization_server::{
    redirect::{self, ApplicationType, RedirectPattern},
    storage::Digest,
};

/// An application that users let in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) id: String,
    /// What it calls itself. Nobody has verified it.
    pub(crate) name: String,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) auth: ClientAuth,
    pub(crate) kind: ClientKind,
    pub(crate) application_type: ApplicationType,
    /// What it may ask for at most; `None` for whatever the server offers.
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) grants: Vec<GrantType>,
    /// A page about it. Nobody has verified it.
    pub(crate) uri: Option<String>,
    /// What the operator allows at most; none for everything. Not part of what is stored.
    #[serde(skip)]
    pub(crate) patterns: Arc<[RedirectPattern]>,
}

impl Client {
    /// Whether users may be sent to this URI: the client registered it, and the operator allows it.
    pub(crate) fn allows_redirect(&self, uri: &str) -> bool {
        let mut registered = self.redirect_uris.iter();
        registered.any(|registered| redirect::matches(registered, uri)) && self.is_permitted(uri)
    }

    /// Whether the operator allows a URI.
    pub(super) fn is_permitted(&self, uri: &str) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.matches(uri))
    }

    /// Whether it may use a grant.
    pub(crate) fn may_use(&self, grant: GrantType) -> bool {
        self.grants.contains(&grant)
    }
}

/// How a client came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum ClientKind {
    /// It registered itself (RFC 7591).
    Registered,
    /// Its id is the URL of a document about it (draft-ietf-oauth-client-id-metadata-document).
    Url,
    /// The operator named it.
    Static,
}

/// What a client may present (RFC 7591, section 2, `grant_types`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum GrantType {
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    #[serde(rename = "refresh_token")]
    RefreshToken,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
}

impl GrantType {
    pub(crate) const ALL: [Self; 3] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::JwtBearer];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        }
    }
}

/// How a client proves who it is at the token endpoint (RFC 7591, section 2,
/// `token_endpoint_auth_method`).
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum ClientAuth {
    /// Not at all: whoever has the code and its PKCE verifier is it.
    None,
    /// By a secret, of which the digest is kept, sent in this way.
    Secret { digest: Digest, by: SecretMethod },
    /// By a key (RFC 7523, section 2.2).
    Keys(ClientKeys),
}

impl ClientAuth {
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Secret {
                by: SecretMethod::Basic,
                ..
            } => "client_secret_basic",
            Self::Secret {
                by: SecretMethod::Post,
                ..
            } => "client_secret_post",
            Self::Secret {
                by: SecretMethod::Either,
                ..
            } => "client_secret_basic",
            Self::Keys(_) => "private_key_jwt",
        }
    }
}

impl fmt::Debug for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method())
    }
}

/// How a secret is sent (RFC 6749, section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SecretMethod {
    Basic,
    Post,
    /// In either way; for clients that the operator named.
    Either,
}

/// Where the public keys of a client are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum ClientKeys {
    /// In what it registered.
    Inline(Value),
    /// At a URL.
    At(String),
}
