//! Whoever else has a say.

use std::fmt::Debug;

use super::{BoxFuture, Target};

/// Decides on URLs beside the rules: it can refuse what they allow, and never allow what they
/// refuse. It is asked before each hop and each lookup; what it takes counts as total time.
///
/// ```
/// use purlin_guard::UrlFetcher;
/// use purlin_guard::fetch::{BoxFuture, Policy, Target};
///
/// #[derive(Debug)]
/// struct OnlyDocs;
///
/// impl Policy for OnlyDocs {
///     fn admits<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, bool> {
///         Box::pin(async move { target.path().starts_with("/docs/") })
///     }
/// }
///
/// let fetcher = UrlFetcher::web().policy(OnlyDocs).build();
/// ```
pub trait Policy: Debug + Send + Sync + 'static {
    /// Whether a URL may be fetched; if not, the error is `blocked_host`.
    fn admits<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, bool>;
}
