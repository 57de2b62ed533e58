//! What decides.

use std::{borrow::Cow, future::ready};

use purlin_core::{BoxFuture, Result};

use super::Asked;

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// Nothing against it.
    Allow,
    /// No. The caller hears that it is not permitted.
    Deny,
    /// No, and it is not for the caller to know that there is something.
    Hide,
    /// Yes, if the caller was granted all of these scopes; otherwise it is told
    /// which it lacks.
    Scopes(Vec<Cow<'static, str>>),
}

impl From<bool> for Decision {
    fn from(allowed: bool) -> Self {
        match allowed {
            true => Self::Allow,
            false => Self::Deny,
        }
    }
}

/// Decides about requests, and may wait for somebody to do so.
///
/// ```
/// use purlin_core::{BoxFuture, Result};
/// use purlin_middleware::authorize::{Asked, Decision, Policy};
///
/// struct Directory;
///
/// impl Directory {
///     async fn is_member(&self, _subject: &str, _group: &str) -> Result<bool> {
///         Ok(true)
///     }
/// }
///
/// impl Policy for Directory {
///     fn decide<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>> {
///         Box::pin(async move {
///             let Some(caller) = asked.principal() else {
///                 return Ok(Decision::Deny);
///             };
///             Ok(self.is_member(caller.subject(), asked.name()).await?.into())
///         })
///     }
/// }
/// ```
pub trait Policy: Send + Sync + 'static {
    /// Decides. It is asked once for each request, and once for each item of a
    /// list.
    ///
    /// # Errors
    /// When it cannot decide, which denies.
    fn decide<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>>;
}

/// A function that decides at once.
pub(super) struct Check<F>(pub(super) F);

impl<F> Policy for Check<F>
where
    F: for<'a> Fn(&Asked<'a>) -> Decision + Send + Sync + 'static,
{
    fn decide<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>> {
        Box::pin(ready(Ok((self.0)(asked))))
    }
}
