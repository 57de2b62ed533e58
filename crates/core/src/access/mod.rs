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

mod allowance;
mod caller;
mod function;
mod limiter;
mod permissions;
mod policy;
mod rate;
mod requirement;
mod shared;

use std::sync::Arc;

use crate::{Context, Error, Result, middleware::Middleware};

pub(crate) use allowance::Seats;
pub use allowance::{Allowance, Subscribers};
pub use caller::Caller;
pub use function::PolicyOutput;
#[doc(hidden)]
pub use function::{PolicyFn, PolicyFunction};
pub use limiter::{Limiter, too_early};
pub use permissions::Permissions;
pub(crate) use policy::Subject;
pub use policy::{Asked, ComponentKind, Decision, Policy, Purpose, check};
pub use rate::{InvalidRate, Rate};
pub(crate) use requirement::{Requirement, Verdict};
pub use shared::{Charge, SharedLimits, SharedStatistics};

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
        policies: Policies,
        layers: &[Arc<dyn Middleware>],
        rate: Option<Rate>,
    ) -> Self {
        let mut access = Self {
            requirement: Requirement::of_attribute(scopes, roles, policies, layers),
            limiter: None,
        };
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
    /// As [`permit`](Self::permit) and [`count`](Self::count).
    pub(crate) async fn admit<'s>(
        &self,
        cx: &Context,
        subject: impl FnOnce() -> Subject<'s>,
        unknown: impl FnOnce() -> Error,
    ) -> Result<()> {
        self.permit(cx, subject, unknown).await?;
        self.count(cx).await
    }

    /// Counts a request that was let in.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited).
    pub(crate) async fn count(&self, cx: &Context) -> Result<()> {
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

    /// Lets the request in without counting it.
    ///
    /// # Errors
    /// As [`Requirement::judge`].
    pub(crate) async fn permit<'s>(
        &self,
        cx: &Context,
        subject: impl FnOnce() -> Subject<'s>,
        unknown: impl FnOnce() -> Error,
    ) -> Result<()> {
        match self.requirement.judge(cx, subject).await {
            Verdict::Granted => Ok(()),
            Verdict::Hidden => Err(unknown()),
            Verdict::Refused(error) => Err(error),
        }
    }
}

/// Makes the policies of an attribute.
#[doc(hidden)]
pub type Policies = fn() -> Vec<Arc<dyn Policy>>;

/// One of them.
#[doc(hidden)]
pub fn guard(policy: impl Policy) -> Arc<dyn Policy> {
    Arc::new(policy)
}
