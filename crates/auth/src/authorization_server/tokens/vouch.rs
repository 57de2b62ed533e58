//! Asking the identity provider again, once for all who wait.
//!
//! Providers rotate refresh tokens too, and end the login of whoever presents an old one. So of all
//! replicas one asks at a time: it holds a lease in the store, and the others wait for the record to
//! change.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};

use super::{
    Issuer, TokenError, Tokens,
    family::{FamilyRecord, Live},
    lifetimes::{REMEMBERED, VOUCHED},
};
use crate::{
    authorization_server::storage::{Digest, Found},
    identity::{Identity, LoginError, LoginErrorKind},
    random,
};

/// How long somebody waits while another one asks.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the provider has for its answer, from when it is asked: who waited before does not hang
/// up on it, for the tokens in that answer are not given out twice.
const ANSWER: Duration = Duration::from_secs(20);
/// How long nobody else asks when whoever asks has died. Longer than anybody asks, and shorter than
/// anybody waits.
const LEASE: Duration = Duration::from_secs(25);
/// How long it is waited before looking whether the lease is free.
const LOOK: Duration = Duration::from_secs(2);

impl Tokens {
    /// Renews what the provider says of a user, and gives the family as it is then.
    ///
    /// Runs to its end even when nobody waits for it any longer: what the provider answers with
    /// tokens that it rotates is not said twice.
    ///
    /// # Errors
    /// `invalid_grant` when the provider no longer vouches: the family is ended. 503 when it cannot
    /// say, which changes nothing.
    pub(super) async fn vouch(&self, family: Digest) -> Result<Live, TokenError> {
        let issuer = Arc::clone(&self.0);
        let asking = async move { issuer.vouch_in_turn(family).await };
        let answer = tokio::spawn(asking).await;
        answer.unwrap_or_else(|_| Err(TokenError::unavailable(None)))
    }
}

impl Issuer {
    /// Whether the provider has to be asked before tokens are renewed: it can be, and was not a
    /// moment ago.
    pub(super) fn has_to_vouch(&self, live: &Live) -> bool {
        let upstream = live.identity.upstream.as_ref();
        let can = upstream.is_some_and(|upstream| upstream.refresh_token.is_some());
        can && live.vouched_at.abs_diff(self.clock.seconds()) > VOUCHED
    }

    async fn vouch_in_turn(&self, family: Digest) -> Result<Live, TokenError> {
        let (lease, holder) = (family.to_string(), random::text());
        let patience = Instant::now() + PATIENCE;
        while Instant::now() < patience {
            let (found, live) = self.live(family).await?;
            if live.vouched_at.abs_diff(self.clock.seconds()) <= VOUCHED {
                return Ok(live);
            }
            if self.leases.insert(&lease, &holder, LEASE).await? {
                let renewed = self.ask_provider(family).await;
                self.give_back(&lease, &holder).await?;
                return renewed;
            }
            self.families.changed(family, &found, LOOK).await?;
        }
        Err(TokenError::unavailable(None))
    }

    /// Asks with the tokens that are there now: whoever held the lease before may have left others.
    async fn ask_provider(&self, family: Digest) -> Result<Live, TokenError> {
        let (_, live) = self.live(family).await?;
        if live.vouched_at.abs_diff(self.clock.seconds()) <= VOUCHED {
            return Ok(live);
        }
        let upstream = live.identity.upstream.as_ref().ok_or_else(gone)?;
        let identity = match timeout(ANSWER, self.provider.refresh(upstream)).await {
            Ok(Ok(identity)) => identity,
            Ok(Err(error)) => return self.refused(family, &error).await,
            Err(_) => return Err(TokenError::unavailable(None)),
        };
        // A provider that does not rotate sends no new one.
        let identity = keep_refresh_token(identity, &live.identity);
        if identity.subject != live.identity.subject || identity.issuer != live.identity.issuer {
            self.end_by(family).await?;
            return Err(gone());
        }
        self.keep(family, identity).await
    }

    /// Writes what the provider said into the family, whoever else changes it meanwhile: it was
    /// said with tokens that are used up.
    async fn keep(&self, family: Digest, identity: Identity) -> Result<Live, TokenError> {
        loop {
            let (found, live) = self.live(family).await?;
            let renewed = Live {
                identity: identity.clone(),
                vouched_at: self.clock.seconds(),
                ..live
            };
            let ttl = found.expires_in.unwrap_or(self.lifetimes.refresh);
            let record = FamilyRecord::Live(Box::new(renewed.clone()));
            if self
                .families
                .replace_by(family, &found, Some(&record), ttl)
                .await?
            {
                return Ok(renewed);
            }
        }
    }

    async fn refused(&self, family: Digest, error: &LoginError) -> Result<Live, TokenError> {
        tracing::warn!(target: "purlin::auth", %error, "the identity provider renewed no login");
        if error.kind() == LoginErrorKind::Denied {
            self.end_by(family).await?;
            return Err(gone());
        }
        Err(TokenError::unavailable(error.retry_after()))
    }

    async fn end_by(&self, family: Digest) -> Result<(), TokenError> {
        loop {
            let (found, _) = match self.live(family).await {
                Ok(live) => live,
                Err(error) if error == gone() => return Ok(()),
                Err(error) => return Err(error),
            };
            let revoked = Some(&FamilyRecord::Revoked);
            if self
                .families
                .replace_by(family, &found, revoked, REMEMBERED)
                .await?
            {
                return Ok(());
            }
        }
    }

    pub(super) async fn live(
        &self,
        family: Digest,
    ) -> Result<(Found<FamilyRecord>, Live), TokenError> {
        let found = self.families.get_by(family).await?.ok_or_else(gone)?;
        match &found.value {
            FamilyRecord::Live(live) => {
                let live = Live::clone(live);
                Ok((found, live))
            }
            FamilyRecord::Revoked => Err(gone()),
        }
    }

    /// Only the lease that is ours: ours may have run out, and somebody else hold the next.
    async fn give_back(&self, lease: &str, holder: &str) -> Result<(), TokenError> {
        if let Some(found) = self.leases.get(lease).await?
            && found.value == holder
        {
            self.leases.replace(lease, &found, None, LEASE).await?;
        }
        Ok(())
    }
}

fn keep_refresh_token(mut identity: Identity, before: &Identity) -> Identity {
    let old = before
        .upstream
        .as_ref()
        .and_then(|upstream| upstream.refresh_token.clone());
    match (&mut identity.upstream, &before.upstream) {
        (Some(upstream), _) if upstream.refresh_token.is_none() => upstream.refresh_token = old,
        (none @ None, Some(before)) => *none = Some(before.clone()),
        _ => {}
    }
    identity
}

fn gone() -> TokenError {
    TokenError::invalid_grant("what was granted is no longer valid: ask the user again")
}
