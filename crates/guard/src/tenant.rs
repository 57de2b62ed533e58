//! For whom something is done.

use std::sync::Arc;

/// Somebody whose data, limits and traces are nobody else's: a customer, a team, a user.
///
/// Who it is has to be proved before it is said here: by a claim that was verified, never by an
/// argument or a header that a caller chose. Servers of this crate take it from there alone.
///
/// ```
/// use purlin_guard::{Tenant, UrlFetcher};
///
/// let fetcher = UrlFetcher::web().build();
/// // Fetches like the others, and has limits of its own.
/// let of_acme = fetcher.scoped(&Tenant::new("acme"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tenant(Option<Arc<str>>);

impl Tenant {
    /// The tenant of this name. All texts are names, and different ones are different tenants.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Some(name.into()))
    }

    /// All callers together that belong to no tenant. They are none of the others.
    ///
    /// ```
    /// use purlin_guard::Tenant;
    ///
    /// assert_ne!(Tenant::none(), Tenant::new(""));
    /// ```
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Its name; nothing for [those without](Self::none).
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }
}
