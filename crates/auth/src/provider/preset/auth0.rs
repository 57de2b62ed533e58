//! Auth0.

use super::origin;
use crate::provider::claims::ClaimPath;
use crate::provider::{Issuer, Provider};

impl Provider {
    /// Auth0, at the domain of a tenant, such as `shop.eu.auth0.com`, or at one of your own.
    ///
    /// - Its issuer ends with a slash.
    /// - Access tokens are opaque and of no use here, unless an [`audience`](Self::audience) is
    ///   asked for: the identifier of an API. Then they are for that audience, and a login asks
    ///   for it.
    /// - `permissions` of an API count as scopes. Claims that an action adds are called like URLs:
    ///   `.roles_at("https://shop.example.com/roles")`.
    /// - The tenant of a caller is its organization, `org_id`.
    ///
    /// ```
    /// use purlin_auth::provider::Provider;
    ///
    /// let login = Provider::auth0("shop.eu.auth0.com")
    ///     .client("…", "…")
    ///     .roles_at("https://shop.example.com/roles")
    ///     .login()?;
    /// # Ok::<(), purlin_auth::provider::InvalidProvider>(())
    /// ```
    pub fn auth0(domain: &str) -> Self {
        let (domain, problem) = match origin("domain", domain) {
            Ok(domain) => (domain, None),
            Err(problem) => ("https://auth0.invalid".to_owned(), Some(problem)),
        };
        let mut provider = Self::new("Auth0", Issuer::exactly(format!("{domain}/"))).offline();
        provider.map.tenant = Some(ClaimPath::of(["org_id"]));
        provider.map.scopes.push(ClaimPath::of(["permissions"]));
        provider.map.client = ["azp", "client_id"].map(ClaimPath::from).to_vec();
        provider.asks_for_audience = true;
        match problem {
            Some(problem) => provider.with_problem(problem),
            None => provider,
        }
    }
}
