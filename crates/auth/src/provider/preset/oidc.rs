//! Any other provider.

use crate::provider::{Issuer, Provider};

impl Provider {
    /// Any provider of OpenID Connect, by its issuer: byte for byte as it calls itself, with the
    /// slash at the end or without. Its document is at `{issuer}/.well-known/openid-configuration`.
    ///
    /// ```
    /// use purlin_auth::provider::Provider;
    ///
    /// let login = Provider::oidc("https://id.example.com").client("mcp", "…").login()?;
    /// # Ok::<(), purlin_auth::provider::InvalidProvider>(())
    /// ```
    pub fn oidc(issuer: &str) -> Self {
        Self::new("OpenID Connect", Issuer::exactly(issuer))
    }
}
