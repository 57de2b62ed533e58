//! Refresh tokens, used once (RFC 6749, section 6; RFC 9700, section 4.14.2).

use std::net::IpAddr;

use super::{
    Family, Issuer, TokenError, TokenErrorCode, TokenResponse, Tokens,
    family::{FamilyRecord, Live},
    lifetimes::{GRACE, LEEWAY},
};
use crate::{
    audit::{AuthEvent, AuthEventKind, AuthOutcome},
    authorization_server::{clients::Client, parameters::Parameters, resource::is_ours},
};

/// How often a change is tried while others change the same family.
const ATTEMPTS: u32 = 16;

/// What a refresh token is to its family.
enum Standing {
    /// The present one.
    Present,
    /// The one before, which was used a moment ago: the answer may have been lost.
    Repeated,
    /// One that was used before: somebody else has it too.
    Reused,
}

impl Tokens {
    /// New tokens for a refresh token.
    ///
    /// # Errors
    /// `invalid_grant` for a token that is not valid; one that was used before ends its family.
    /// `invalid_scope` for scopes beyond what was granted, `invalid_target` for another resource.
    /// Those of the store and of the identity provider, which change nothing.
    pub(crate) async fn refresh(
        &self,
        client: &Client,
        form: &Parameters,
        peer: Option<IpAddr>,
    ) -> Result<TokenResponse, TokenError> {
        let token = form
            .get("refresh_token")
            .ok_or_else(|| TokenError::invalid_request("`refresh_token` is missing"))?;
        let (family, number) = self.0.refresh_tokens.read(token).ok_or_else(not_valid)?;
        for _ in 0..ATTEMPTS {
            if let Some(answer) = self
                .try_refresh(client, form, &family, number, peer)
                .await?
            {
                return Ok(answer);
            }
        }
        Err(TokenError::unavailable(None))
    }

    /// `None` when somebody else changed the family meanwhile.
    async fn try_refresh(
        &self,
        client: &Client,
        form: &Parameters,
        family: &Family,
        number: u32,
        peer: Option<IpAddr>,
    ) -> Result<Option<TokenResponse>, TokenError> {
        let issuer = &self.0;
        let found = issuer
            .families
            .get(family.handle())
            .await?
            .ok_or_else(not_valid)?;
        let FamilyRecord::Live(live) = &found.value else {
            return Err(not_valid());
        };
        if live.client != client.id {
            return Err(not_valid());
        }
        let now = issuer.clock.seconds();
        match standing(live, number, now) {
            Standing::Reused => {
                issuer.end_reused(family, live, peer).await?;
                return Err(not_valid());
            }
            Standing::Repeated => {
                let scopes = asked(live, form)?;
                return Ok(Some(issuer.response(
                    family,
                    live,
                    &scopes,
                    issuer.lifetimes.access,
                )));
            }
            Standing::Present => {}
        }
        if issuer.refresh_ends(live) <= now || live.rotated_at > now.saturating_add(LEEWAY) {
            return Err(not_valid());
        }
        let scopes = asked(live, form)?;
        if issuer.has_to_vouch(live) {
            self.vouch(family.digest()).await?;
            return Ok(None);
        }
        let next = Live {
            generation: number.checked_add(1),
            rotated_at: now,
            ..Live::clone(live)
        };
        let access = issuer.lifetimes.access;
        let response = issuer.response(family, &next, &scopes, access);
        let ttl = issuer.kept(&next, access);
        let next = FamilyRecord::Live(Box::new(next));
        let replaced = issuer
            .families
            .replace(family.handle(), &found, Some(&next), ttl)
            .await?;
        Ok(replaced.then_some(response))
    }
}

impl Issuer {
    async fn end_reused(
        &self,
        family: &Family,
        live: &Live,
        peer: Option<IpAddr>,
    ) -> Result<(), TokenError> {
        self.end(family).await?;
        let event = AuthEvent::new(AuthEventKind::ReuseDetected, AuthOutcome::Refused)
            .with_client(&live.client)
            .with_subject(&live.identity.subject)
            .with_address(peer)
            .with_reason("refresh_token_reused");
        self.events.record(&event);
        Ok(())
    }
}

fn standing(live: &Live, number: u32, now: u64) -> Standing {
    match live.generation {
        Some(present) if present == number => Standing::Present,
        // Both ways, or a clock that was set back would make the grace endless.
        Some(present)
            if present.checked_sub(1) == Some(number) && live.rotated_at.abs_diff(now) <= GRACE =>
        {
            Standing::Repeated
        }
        _ => Standing::Reused,
    }
}

/// The scopes that are asked for: what was granted, or less.
fn asked(live: &Live, form: &Parameters) -> Result<Vec<String>, TokenError> {
    if !is_ours(form.get("resource"), &live.resource) {
        let text = "`resource` is not the one that was granted";
        return Err(TokenError::new(TokenErrorCode::InvalidTarget, text));
    }
    let Some(scope) = form.get("scope") else {
        return Ok(live.scopes.clone());
    };
    let scopes: Vec<String> = scope.split(' ').map(str::to_owned).collect();
    if scopes.iter().all(|scope| live.scopes.contains(scope)) {
        return Ok(scopes);
    }
    let text = "`scope` has more than was granted: ask the user again";
    Err(TokenError::new(TokenErrorCode::InvalidScope, text))
}

fn not_valid() -> TokenError {
    TokenError::invalid_grant("the refresh token is not valid: ask the user again")
}
