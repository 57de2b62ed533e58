//! Our access tokens, presented to a server that we protect.

use std::time::Duration;

use purlin_core::Principal;

use super::{
    Issuer, Tokens,
    family::{FamilyRecord, Live},
    reference::Claims,
    upstream::GRANT,
};
use crate::verify::{Presented, Scheme, Verification, Verifier, VerifyError};

/// When a store that is down is worth another try.
const COME_BACK: Duration = Duration::from_secs(5);

impl Verifier for Tokens {
    fn verify<'a>(&'a self, presented: Presented<'a>) -> Verification<'a> {
        if presented.scheme() != Scheme::Bearer {
            return Verification::Ready(Err(VerifyError::NotMine));
        }
        match self.0.claims(presented.token(), presented.resource()) {
            Ok(claims) => Verification::Later(Box::pin(self.0.principal(claims))),
            Err(error) => Verification::Ready(Err(error)),
        }
    }

    fn authorization_servers(&self) -> Vec<String> {
        vec![self.0.issuer.clone()]
    }
}

impl Issuer {
    /// What a token says, once it is sure that we said it, for this resource, and lately.
    fn claims(&self, token: &str, resource: &str) -> Result<Claims, VerifyError> {
        let claims = self.references.read(token)?;
        if claims.iss != self.issuer {
            return Err(VerifyError::NotMine);
        }
        if claims.aud != resource {
            return Err(VerifyError::Invalid("it is for another resource"));
        }
        claims.check_time(self.clock.seconds())?;
        Ok(claims)
    }

    /// Who consented, as long as the family is valid.
    async fn principal(&self, claims: Claims) -> Result<Principal, VerifyError> {
        let family = claims.family();
        let found = self.families.get(family.handle()).await.map_err(|error| {
            tracing::warn!(target: "purlin::auth", %error, "no token can be verified");
            VerifyError::Unavailable {
                retry_after: COME_BACK,
            }
        })?;
        match found.map(|found| found.value) {
            Some(FamilyRecord::Live(live)) if fits(&live, &claims) => {
                let principal = self.named(*live, &claims);
                let grant = self.grant(&principal, family.digest());
                // In place of what the provider has said of a token of its own.
                let principal = principal.with_claim("exp", claims.exp);
                Ok(principal.with_claim(GRANT, grant))
            }
            _ => Err(VerifyError::Invalid("it has been revoked")),
        }
    }

    fn named(&self, live: Live, claims: &Claims) -> Principal {
        let identity = live.identity;
        let issuer = identity.issuer.unwrap_or_else(|| self.issuer.clone());
        let mut principal = Principal::new(identity.subject)
            .with_issuer(issuer)
            .with_client(live.client)
            .with_scopes(claims.scope.split_ascii_whitespace())
            .with_roles(identity.roles);
        if let Some(tenant) = identity.tenant {
            principal = principal.with_tenant(tenant);
        }
        for (name, value) in identity.claims {
            principal = principal.with_claim(name, value);
        }
        // What the provider vouches for comes last: nothing that it only passes on covers it.
        let texts = [("name", identity.name), ("email", identity.email)];
        for (name, text) in texts {
            if let Some(text) = text {
                principal = principal.with_claim(name, text);
            }
        }
        principal
    }
}

fn fits(live: &Live, claims: &Claims) -> bool {
    live.client == claims.client_id && live.resource == claims.aud
}
