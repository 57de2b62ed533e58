//! How many repeats there may be.

use std::{fmt, time::Duration};

use tower::retry::budget::{Budget as _, TpsBudget};

/// Over how long requests and repeats are compared.
const WINDOW: Duration = Duration::from_secs(10);
/// How many repeats a second are always allowed, so that a server with little
/// to do can repeat at all.
const RESERVE: u32 = 1;

/// A share of all requests.
pub(super) struct Budget(TpsBudget);

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Budget")
    }
}

impl Budget {
    pub(super) fn new(share: f32) -> Self {
        Self(TpsBudget::new(WINDOW, RESERVE, share))
    }

    /// Counts a request.
    pub(super) fn earn(&self) {
        self.0.deposit();
    }

    /// Whether one more repeat may be made.
    pub(super) fn spend(&self) -> bool {
        self.0.withdraw()
    }
}
