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
            began_at: now,
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
            jti: Claims::id(family),
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

    /// When the present refresh token ends, in seconds since 1970: by not being used, or because
    /// all of its family do.
    pub(super) fn refresh_ends(&self, live: &Live) -> u64 {
        let unused = live
            .rotated_at
            .saturating_add(self.lifetimes.refresh.as_secs());
        let at_all = live
            .began_at
            .saturating_add(self.lifetimes.absolute.as_secs());
        unused.min(at_all)
    }

    /// How long the record of a family is kept: as long as the last token of it is valid.
    pub(super) fn kept(&self, live: &Live, access: Duration) -> Duration {
        let longest = match live.generation {
            Some(_) => {
                let left = self.refresh_ends(live).saturating_sub(self.clock.seconds());
                Duration::from_secs(left).max(access)
            }
            None => access,
        };
        longest.saturating_add(Duration::from_secs(LEEWAY))
    }
}
