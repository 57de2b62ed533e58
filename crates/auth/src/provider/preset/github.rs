//! GitHub.

use super::origin;
use crate::provider::{Document, Issuer, Provider, Tokens};

/// Where one finds it.
const WEB: &str = "https://github.com";
const API: &str = "https://api.github.com";

impl Provider {
    /// GitHub, which is no OpenID Connect provider: there is no ID token, so the user is looked
    /// up in its API with the access token.
    ///
    /// - A token is shown to GitHub together with the application's own secret, which says whether
    ///   it was issued to this very application. Any other token of a user is refused.
    /// - [`organizations`](Self::organizations) lets in members alone.
    /// - The address is the primary one that GitHub has verified.
    ///
    /// ```
    /// use purlin_auth::provider::Provider;
    ///
    /// let login = Provider::github()
    ///     .client("Ov23li…", "…")
    ///     .organizations(["example"])
    ///     .login()?;
    /// # Ok::<(), purlin_auth::provider::InvalidProvider>(())
    /// ```
    pub fn github() -> Self {
        Self::github_at(WEB, API.to_owned())
    }

    /// GitHub Enterprise Server at its own host, such as `github.example.com`.
    pub fn github_enterprise(host: &str) -> Self {
        match origin("host", host) {
            Ok(web) => Self::github_at(&web, format!("{web}/api/v3")),
            Err(problem) => Self::github().with_problem(problem),
        }
    }

    fn github_at(web: &str, api: String) -> Self {
        let mut provider = Self::new("GitHub", Issuer::exactly(web));
        provider.document = Some(Document {
            issuer: web.to_owned(),
            authorization_endpoint: Some(format!("{web}/login/oauth/authorize")),
            token_endpoint: Some(format!("{web}/login/oauth/access_token")),
            token_endpoint_auth_methods_supported: vec!["client_secret_post".to_owned()],
            ..Document::default()
        });
        provider.tokens = Tokens::GitHub { api };
        provider.scopes(["read:user", "user:email"])
    }
}
