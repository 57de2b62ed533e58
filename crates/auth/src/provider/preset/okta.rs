//! Okta.

use crate::provider::claims::ClaimPath;
use crate::provider::{Issuer, Provider};

impl Provider {
    /// Okta, by the issuer of an authorization server, such as
    /// `https://example.okta.com/oauth2/default`.
    ///
    /// - The server of the organization itself (`https://example.okta.com`) logs users in, and
    ///   issues access tokens that nobody but Okta may read: [`protection`](Self::protection)
    ///   needs one of the custom servers.
    /// - `sub` of an access token is the name somebody logs in with, which can change. The subject
    ///   is `uid`, the same as in ID tokens.
    /// - Groups are in a claim that has to be added to the authorization server, `groups`; they
    ///   are the roles.
    ///
    /// ```
    /// use purlin_auth::provider::Provider;
    ///
    /// let protection = Provider::okta("https://example.okta.com/oauth2/default")
    ///     .audience("api://default")
    ///     .protection("https://mcp.example.com/mcp")?;
    /// # Ok::<(), purlin_auth::provider::InvalidProvider>(())
    /// ```
    pub fn okta(issuer: &str) -> Self {
        let issuer = issuer.trim_end_matches('/');
        let mut provider = Self::new("Okta", Issuer::exactly(issuer)).offline();
        provider.map.subject = ["uid", "sub"].map(ClaimPath::from).to_vec();
        provider.map.client = ["cid", "client_id"].map(ClaimPath::from).to_vec();
        provider.map.roles = ["roles", "groups"].map(ClaimPath::from).to_vec();
        provider.custom_server_only = !issuer.contains("/oauth2/");
        provider
    }
}
