//! Who may use a component, and how often.
//!
//! What a server, a mount and a component demand adds up on the way to the
//! catalogue, so a request looks at one `Access`, before its handler runs and
//! before its arguments are read. Who is calling comes from the transport
//! ([`Principal`](crate::Principal)); how that was proved is none of this
//! room's business.
//!
//! A caller on this machine that nobody has named, over standard input and
//! output or in memory, is trusted: it has started this process. It is counted
//! all the same.

mod caller;
mod limiter;
mod rate;
mod requirement;
mod shared;

use std::sync::Arc;

use crate::{Context, Error, Result};

pub use caller::Caller;
pub use limiter::{Limiter, too_early};
pub use rate::{InvalidRate, Rate};
pub(crate) use requirement::{Requirement, Verdict};
pub use shared::{SharedLimits, SharedStatistics};

/// What is demanded of the callers of one component.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    pub(crate) requirement: Requirement,
    /// Shared by all names a component has, so that no mount lends a second
    /// allowance.
    pub(crate) limiter: Option<Arc<Limiter>>,
}

impl Access {
    pub(crate) fn new(
        scopes: &'static [&'static str],
        roles: &'static [&'static str],
        rate: Option<Rate>,
    ) -> Self {
        let mut access = Self::default();
        access.requirement.add_scopes(scopes.iter().copied());
        access.requirement.add_roles(roles.iter().copied());
        access.limit(rate);
        access
    }

    /// Bounds how often a caller may come.
    pub(crate) fn limit(&mut self, rate: Option<Rate>) {
        self.limiter = rate.map(|rate| Arc::new(Limiter::new(rate)));
    }

    /// Lets the request of `cx` in, or says why not. Who may not even know of
    /// the component hears what `unknown` says.
    ///
    /// # Errors
    /// As [`Requirement::judge`]; [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited).
    pub(crate) async fn admit(&self, cx: &Context, unknown: impl FnOnce() -> Error) -> Result<()> {
        self.permit(cx, unknown)?;
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        let catalogue = cx.server().catalogue();
        match &catalogue.tail.limits {
            None => limiter.admit(&Caller::of(cx)),
            Some(shared) => {
                let name = catalogue.limit_name(limiter);
                Box::pin(shared.admit(name, &Caller::of(cx), limiter)).await
            }
        }
    }

    /// The same for what is not counted.
    pub(crate) fn permit(&self, cx: &Context, unknown: impl FnOnce() -> Error) -> Result<()> {
        match self.requirement.judge(cx.origin()) {
            Verdict::Granted => Ok(()),
            Verdict::Hidden => Err(unknown()),
            Verdict::Refused(error) => Err(error),
        }
    }
}
