//! The first tokens of a family, and every further access token.

use std::time::Duration;

use super::{
    Family, Grant, Issuer, TokenError, TokenResponse, Tokens,
    family::{FamilyRecord, Live},
    lifetimes::LEEWAY,
    reference::Claims,
};

impl Tokens {
    /// The first tokens for a code.
    ///
    /// # Errors
    /// `invalid_grant` when the family was revoked or has tokens already; those of the store.
    pub(crate) async fn issue(&self, grant: Grant) -> Result<TokenResponse, TokenError> {
        let lifetime = self.0.lifetimes.access;
        self.0.issue(grant, lifetime).await
    }

    /// A short-lived access token for an identity assertion, with nothing to refresh it.
    ///
    /// # Errors
    /// As [`issue`](Self::issue).
    pub(crate) async fn issue_asserted(
        &self,
        mut grant: Grant,
    ) -> Result<TokenResponse, TokenError> {
        grant.refreshable = false;
        let lifetime = self.0.lifetimes.asserted;
        self.0.issue(grant, lifetime).await
    }
}

impl Issuer {
    async fn issue(&self, grant: Grant, access: Duration) -> Result<TokenResponse, TokenError> {
        let now = self.clock.seconds();
        let family = grant.family;
        let live = Live {
            client: grant.client,
            identity: grant.identity,
            scopes: grant.scopes,
            resource: grant.resource,
            generation: grant.refreshable.then_some(0),
            rotated_at: now,
            vouched_at: now,
        };
        let response = self.response(&family, &live, &live.scopes, access);
        let ttl = self.kept(&live, access);
        let record = FamilyRecord::Live(Box::new(live));
        if self.families.insert(family.handle(), &record, ttl).await? {
            return Ok(response);
        }
        Err(TokenError::invalid_grant(
            "what was granted is no longer valid: ask the user again",
        ))
    }

    /// Tokens of a family as it is now.
    pub(super) fn response(
        &self,
        family: &Family,
        live: &Live,
        scopes: &[String],
        access: Duration,
    ) -> TokenResponse {
        let (now, expires_in) = (self.clock.seconds(), access.as_secs());
        let scope = scopes.join(" ");
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: live.resource.clone(),
            client_id: live.client.clone(),
            scope: scope.clone(),
            iat: now,
            exp: now.saturating_add(expires_in),
            jti: family.handle().into(),
        };
        TokenResponse {
            access_token: self.references.sign(&claims),
            token_type: "Bearer",
            expires_in,
            refresh_token: live
                .generation
                .map(|number| self.refresh_tokens.sign(family, number)),
            scope,
        }
    }

    /// How long the record of a family is kept: as long as the last token of it is valid.
    pub(super) fn kept(&self, live: &Live, access: Duration) -> Duration {
        let longest = match live.generation {
            Some(_) => self.lifetimes.refresh.max(access),
            None => access,
        };
        longest.saturating_add(Duration::from_secs(LEEWAY))
    }
}
