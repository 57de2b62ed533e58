//! Keycloak.

use crate::provider::claims::ClaimPath;
use crate::provider::{Issuer, Provider};

impl Provider {
    /// Keycloak, by the URL of a realm, such as `https://id.example.com/realms/shop`.
    ///
    /// - Roles are those of the realm (`realm_access`), and with
    ///   [`client_roles`](Self::client_roles) those of a client (`resource_access`).
    /// - Tokens are for an audience that a mapper of the client's scopes adds; without one Keycloak
    ///   writes `account`, which is refused.
    /// - It names itself in the answer to a login, and an answer without that is refused.
    ///
    /// ```
    /// use purlin_auth::provider::Provider;
    ///
    /// let protection = Provider::keycloak("https://id.example.com/realms/shop")
    ///     .client_roles("mcp")
    ///     .protection("https://mcp.example.com/mcp")?;
    /// # Ok::<(), purlin_auth::provider::InvalidProvider>(())
    /// ```
    pub fn keycloak(realm: &str) -> Self {
        let realm = realm.trim_end_matches('/');
        let mut provider = Self::new("Keycloak", Issuer::exactly(realm));
        provider.map.roles = vec![ClaimPath::of(["realm_access", "roles"])];
        provider.map.client = ["azp", "client_id"].map(ClaimPath::from).to_vec();
        provider
    }

    /// Adds the roles that Keycloak knows of a client.
    pub fn client_roles(mut self, client: &str) -> Self {
        let path = ClaimPath::of(["resource_access", client, "roles"]);
        self.map.roles.push(path);
        self
    }
}
