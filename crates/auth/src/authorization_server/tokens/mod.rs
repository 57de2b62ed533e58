//! What is issued, and how it ends.
//!
//! All tokens of one consent are a [`Family`]: one sealed record in the store that holds who
//! consented, to what, the upstream tokens, and which refresh token is the present one.
//!
//! - An access token is a signed reference to the family ([`reference`](self::reference)): valid
//!   for an hour, for one resource, and only as long as the family is.
//! - A refresh token names the family and a number. It is used once; the next one has the next
//!   number. One that was used before ends the family (RFC 9700, section 4.14.2), but for ten
//!   seconds after its use, in which the answer is the same next token again.
//! - Everything that changes a family is one compare-and-set on its record, so replicas need
//!   nothing but the store.
//!
//! Whoever cannot ask the store accepts nothing: 503 to clients and callers.

mod error;
mod family;
mod issue;
mod lifetimes;
mod reference;
mod refresh_token;
mod renew;
mod response;
mod revoke;
#[cfg(test)]
mod tests;
mod upstream;
mod verify;
mod vouch;

use std::{fmt, sync::Arc};

pub(crate) use error::{TokenError, TokenErrorCode};
pub(crate) use family::{Family, Grant};
pub(crate) use lifetimes::Lifetimes;
pub(crate) use response::TokenResponse;
pub use upstream::Upstream;

use self::{family::FamilyRecord, reference::References, refresh_token::RefreshTokens};
use super::storage::{Mac, Records, Storage};
use crate::{audit::AuthEvents, identity::IdentityProvider, verify::Clock};

/// Issues tokens, takes them back, and verifies its own. A clone is a handle on the same.
#[derive(Clone)]
pub(crate) struct Tokens(Arc<Issuer>);

struct Issuer {
    /// Our identifier, `iss` of what is issued.
    issuer: String,
    families: Records<FamilyRecord>,
    /// Who is asking the identity provider for a family at the moment.
    leases: Records<String>,
    references: References,
    refresh_tokens: RefreshTokens,
    /// Signs which family a principal is of.
    grants: Mac,
    lifetimes: Lifetimes,
    provider: Arc<dyn IdentityProvider>,
    events: Arc<dyn AuthEvents>,
    clock: Arc<dyn Clock>,
}

impl Tokens {
    pub(crate) fn new(
        issuer: impl Into<String>,
        storage: &Storage,
        provider: Arc<dyn IdentityProvider>,
        events: Arc<dyn AuthEvents>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Issuer {
            issuer: issuer.into(),
            families: storage.records("families"),
            leases: storage.records("leases"),
            references: References::new(storage.keys()),
            refresh_tokens: RefreshTokens::new(storage.keys()),
            grants: storage.keys().mac("grants"),
            lifetimes: Lifetimes::default(),
            provider,
            events,
            clock,
        }))
    }

    /// With other lifetimes. To be said before anything is issued.
    #[must_use]
    pub(crate) fn with_lifetimes(mut self, lifetimes: Lifetimes) -> Self {
        if let Some(issuer) = Arc::get_mut(&mut self.0) {
            issuer.lifetimes = lifetimes;
        }
        self
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("issuer", &self.0.issuer)
            .field("lifetimes", &self.0.lifetimes)
            .finish_non_exhaustive()
    }
}
