//! Google.

use crate::provider::claims::ClaimPath;
use crate::provider::{Issuer, Provider, Tokens};

/// Where access tokens are looked into.
const TOKENINFO: &str = "https://oauth2.googleapis.com/tokeninfo";

/// Scopes that come back under another name than they were asked for.
const RENAMED: [(&str, &str); 2] = [
    ("https://www.googleapis.com/auth/userinfo.email", "email"),
    (
        "https://www.googleapis.com/auth/userinfo.profile",
        "profile",
    ),
];

impl Provider {
    /// Google, for accounts of Google Workspace and of everybody else.
    ///
    /// - Its access tokens say nothing by themselves. They are shown to Google, which says for
    ///   which application they are; only those for the [client](Self::client) count.
    /// - [`allowed_domains`](Self::allowed_domains) goes by the claim `hd`, which Google sets for
    ///   Workspace accounts alone: an address at a domain proves nothing about who runs it.
    /// - It hands out a refresh token when asked for one by parameters of its own.
    ///
    /// ```
    /// use purlin_auth::provider::Provider;
    ///
    /// let login = Provider::google()
    ///     .client("123-abc.apps.googleusercontent.com", "GOCSPX-…")
    ///     .allowed_domains(["example.com"])
    ///     .login()?;
    /// # Ok::<(), purlin_auth::provider::InvalidProvider>(())
    /// ```
    pub fn google() -> Self {
        let mut provider = Self::new("Google", Issuer::exactly("https://accounts.google.com"));
        provider.map.domain = Some(ClaimPath::of(["hd"]));
        provider.tokens = Tokens::Google {
            tokeninfo: TOKENINFO.to_owned(),
        };
        provider
            .parameter("access_type", "offline")
            .parameter("prompt", "consent")
    }
}

/// Adds the short names of scopes, which are what is asked for.
pub(in crate::provider) fn short_scopes(scopes: &mut Vec<String>) {
    for (long, short) in RENAMED {
        if scopes.iter().any(|scope| scope == long) {
            scopes.push(short.to_owned());
        }
    }
}
