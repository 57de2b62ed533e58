//! Descope.

use crate::provider::claims::ClaimPath;
use crate::provider::{Issuer, Provider};

impl Provider {
    /// Descope, by the issuer that its console shows: `https://api.descope.com/v1/apps/agentic/P…/M…`
    /// of an MCP server, which registers clients itself, or `https://api.descope.com/P…` of a
    /// project.
    ///
    /// - The tenant of a caller is the one chosen when it logged in, `dct`; its roles are those of
    ///   the project and those in that tenant.
    /// - `permissions` count as scopes.
    ///
    /// ```
    /// use purlin_auth::provider::Provider;
    ///
    /// let protection = Provider::descope("https://api.descope.com/v1/apps/agentic/P2abc/M1")
    ///     .protection("https://mcp.example.com/mcp")?;
    /// # Ok::<(), purlin_auth::provider::InvalidProvider>(())
    /// ```
    pub fn descope(issuer: &str) -> Self {
        let mut provider = Self::new("Descope", Issuer::exactly(issuer)).offline();
        provider.map.tenant = Some(ClaimPath::of(["dct"]));
        provider.map.by_tenant = Some(ClaimPath::of(["tenants"]));
        provider.map.scopes.push(ClaimPath::of(["permissions"]));
        provider
    }
}
