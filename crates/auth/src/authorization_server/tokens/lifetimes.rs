//! How long tokens live.

use std::time::Duration;

/// How long what is issued is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetimes {
    pub(crate) access: Duration,
    /// Of each refresh token, from its issue.
    pub(crate) refresh: Duration,
    /// Of all refresh tokens of one consent together, from its first token: however often they are
    /// replaced (RFC 9700, section 4.14.2).
    pub(crate) absolute: Duration,
    /// Of access tokens for an identity assertion, which have no refresh token beside them.
    pub(crate) asserted: Duration,
}

impl Lifetimes {
    /// How long anything of one consent may be valid.
    pub(crate) fn longest(&self) -> Duration {
        self.absolute.saturating_add(self.access)
    }
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            access: Duration::from_secs(60 * 60),
            refresh: Duration::from_secs(30 * 24 * 60 * 60),
            absolute: Duration::from_secs(90 * 24 * 60 * 60),
            asserted: Duration::from_secs(300),
        }
    }
}

/// How long the refresh token before the present one may come again: an answer that was lost on
/// its way, or two requests at once.
pub(super) const GRACE: u64 = 10;
/// How far clocks may differ.
pub(super) const LEEWAY: u64 = 60;
/// How long it is remembered that a family was revoked; longer than any request takes.
pub(super) const REMEMBERED: Duration = Duration::from_secs(600);
/// Within this time the identity provider is not asked twice.
pub(super) const VOUCHED: u64 = 60;
