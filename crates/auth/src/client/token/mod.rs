//! Tokens, and the endpoint that issues them.

mod endpoint;
mod proof;

pub(super) use endpoint::{Authentication, Form, TokenEndpoint};
pub(super) use proof::{DPOP, Nonces, ProofKey, USE_NONCE};

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::scopes::Scopes;
use crate::secret::Secret;

/// A token this close to its end is not used any more.
const MARGIN: Duration = Duration::from_secs(10);

/// What an authorization server issued.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Tokens {
    pub(super) access: Secret,
    pub(super) refresh: Option<Secret>,
    pub(super) expires: Option<SystemTime>,
    /// The scopes that were asked for, this time and before.
    pub(super) asked: Scopes,
    /// The key that they are bound to, if they are.
    pub(super) key: Option<Secret>,
}

impl Tokens {
    pub(super) fn is_over(&self) -> bool {
        self.expires
            .is_some_and(|expires| expires <= SystemTime::now() + MARGIN)
    }
}
