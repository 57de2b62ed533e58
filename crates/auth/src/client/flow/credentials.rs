//! A machine that asks for itself (RFC 6749, section 4.4).

use super::{Granted, Request};
use crate::client::{Registered, Result};

/// Tokens for a program rather than for a user: a secret or a signed assertion is enough.
///
/// ```
/// use purlin_auth::client::{ClientCredentials, OAuth, Registered};
///
/// let client = Registered::new("nightly-report").secret("s3cret");
/// let oauth = OAuth::machine(ClientCredentials::new(client)).build();
/// ```
#[derive(Debug)]
pub struct ClientCredentials {
    pub(super) client: Registered,
}

impl ClientCredentials {
    /// Tokens for this client.
    pub fn new(client: Registered) -> Self {
        Self { client }
    }

    pub(super) async fn obtain(&self, request: Request<'_>) -> Result<Granted> {
        let authentication = self.client.authentication(&request.place.server);
        let grant = [("grant_type", "client_credentials")];
        request
            .grant(self.client.id(), authentication, &grant)
            .await
    }
}
