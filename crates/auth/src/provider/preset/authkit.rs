//! AuthKit, by WorkOS.

use super::origin;
use crate::provider::claims::ClaimPath;
use crate::provider::{Issuer, Provider};

impl Provider {
    /// AuthKit of WorkOS, at the domain of an environment, such as `shop.authkit.app`.
    ///
    /// It registers MCP clients itself, so [`protection`](Self::protection) is all it takes, with
    /// dynamic registration switched on in its dashboard.
    ///
    /// - Tokens are for the resource that the client asked for.
    /// - The tenant of a caller is its organization, `org_id`; `role`, `roles` are its roles and
    ///   `permissions` count as scopes.
    ///
    /// ```
    /// use purlin_auth::provider::Provider;
    ///
    /// let protection = Provider::authkit("shop.authkit.app")
    ///     .protection("https://mcp.example.com/mcp")?;
    /// # Ok::<(), purlin_auth::provider::InvalidProvider>(())
    /// ```
    pub fn authkit(domain: &str) -> Self {
        let (domain, problem) = match origin("domain", domain) {
            Ok(domain) => (domain, None),
            Err(problem) => ("https://authkit.invalid".to_owned(), Some(problem)),
        };
        let mut provider = Self::new("WorkOS", Issuer::exactly(domain)).offline();
        provider.map.tenant = Some(ClaimPath::of(["org_id"]));
        provider.map.roles = ["role", "roles"].map(ClaimPath::from).to_vec();
        provider.map.scopes.push(ClaimPath::of(["permissions"]));
        match problem {
            Some(problem) => provider.with_problem(problem),
            None => provider,
        }
    }
}
