//! A workload that its platform vouches for (SEP-1933, RFC 7523).

use super::{Granted, JWT_BEARER, JwtSource, Request};
use crate::client::Result;
use crate::client::token::Authentication;

/// Tokens for a workload, in exchange for the JWT that its platform issues (Kubernetes, a cloud,
/// a build service). There is no secret to keep.
///
/// ```
/// use purlin_auth::client::{JwtSource, OAuth, Workload};
///
/// let jwt = JwtSource::file("/var/run/secrets/tokens/mcp");
/// let oauth = OAuth::machine(Workload::new("reporter", jwt)).build();
/// ```
#[derive(Debug)]
pub struct Workload {
    client: String,
    jwt: JwtSource,
}

impl Workload {
    /// Tokens for this client, in exchange for this JWT.
    pub fn new(client: impl Into<String>, jwt: impl Into<JwtSource>) -> Self {
        Self {
            client: client.into(),
            jwt: jwt.into(),
        }
    }

    pub(super) async fn obtain(&self, request: Request<'_>) -> Result<Granted> {
        let jwt = self.jwt.get().await?;
        let grant = [("grant_type", JWT_BEARER), ("assertion", jwt.reveal())];
        request
            .grant(&self.client, Authentication::Public, &grant)
            .await
    }
}
