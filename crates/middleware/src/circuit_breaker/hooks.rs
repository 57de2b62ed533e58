//! What happens around a request.

use std::{
    borrow::Cow,
    future::ready,
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Duration,
};

use foldhash::HashMap;
use purlin_core::{
    BoxFuture, Context, Error, ErrorKind, Result,
    measure::Samples,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
};
use tokio::time::Instant;

use super::{
    Breaker, BreakerChange, BreakerState, CAPACITY, CircuitBreaker, Key, Outcome, machine::Ticket,
};

impl Middleware for CircuitBreaker {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        let breaker = self.key(&request).and_then(|key| self.breaker(key));
        let Some(breaker) = breaker else {
            return next.pass(request);
        };
        match self.admit(request.context(), breaker) {
            Err(error) => Box::pin(ready(Err(error))),
            Ok(watch) => Box::pin(async move {
                let result = next.run(request).await;
                watch.end((self.judge)(&result));
                result
            }),
        }
    }

    fn measure(&self, samples: &mut Samples) {
        let statistics = self.statistics();
        let help = "Requests that a breaker refused.";
        samples.counter("mcp_breaker_refused_total", help, &[], statistics.refused);
        let help = "How often a breaker opened.";
        samples.counter("mcp_breaker_opened_total", help, &[], statistics.opened);
        for (dependency, class, state) in &statistics.breakers {
            let help = "Whether a breaker is closed (0), tries (1) or is open (2).";
            let class = class.as_deref().unwrap_or_default();
            let labels = [("dependency", dependency.as_str()), ("class", class)];
            let value = match state {
                BreakerState::Closed => 0.0,
                BreakerState::HalfOpen => 1.0,
                BreakerState::Open => 2.0,
            };
            samples.gauge("mcp_breaker_state", help, &labels, value);
        }
    }
}

impl CircuitBreaker {
    /// What a request needs; `None` where that is not watched.
    fn key<'r>(&self, request: &'r AnyRequest<'_>) -> Option<Key<'r>> {
        let dependency = match &self.dependency {
            Some(by) => Cow::Owned(by(request)?),
            // Tools that exist, each by its name.
            None => {
                let call = request
                    .as_tool_call()
                    .filter(|call| call.tool().is_some())?;
                Cow::Borrowed(call.name())
            }
        };
        let class = self.class.as_ref();
        let class = class.and_then(|class| class(request.context()));
        Some(Key {
            dependency,
            class: class.map(Cow::Owned),
        })
    }

    /// The breaker of a dependency; `None` where there is no room for one.
    fn breaker<'k>(&self, key: Key<'k>) -> Option<Arc<Breaker>> {
        {
            let known = &self.breakers.known;
            let known = known.read().unwrap_or_else(PoisonError::into_inner);
            // Keys that live as long as ours may be compared with ours.
            let known: &HashMap<Key<'k>, _> = &known;
            if let Some(breaker) = known.get(&key) {
                return Some(Arc::clone(breaker));
            }
        }
        let known = &self.breakers.known;
        let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
        let key = key.into_owned();
        if known.len() >= CAPACITY && !known.contains_key(&key) {
            // One that a request still watches has more to learn.
            known.retain(|_, known| Arc::strong_count(known) > 1 || !known.lock().is_blank());
            if known.len() >= CAPACITY {
                return None;
            }
        }
        let made = || Arc::new(Breaker::new(key.clone(), self.policy.clone()));
        Some(Arc::clone(known.entry(key.clone()).or_insert_with(made)))
    }

    fn admit<'a>(&'a self, cx: &'a Context, breaker: Arc<Breaker>) -> Result<Watch<'a>> {
        let (before, admitted, after) = {
            let mut machine = breaker.lock();
            let before = machine.state();
            (before, machine.admit(|| cx.moment()), machine.state())
        };
        self.tell(&breaker.key, before, after);
        match admitted {
            Ok(ticket) => Ok(Watch {
                owner: self,
                cx,
                breaker,
                ticket,
                outcome: Outcome::Unknown,
            }),
            Err(wait) => {
                self.breakers.refused.fetch_add(1, Ordering::Relaxed);
                Err(refused(wait))
            }
        }
    }

    fn record(&self, breaker: &Breaker, now: Instant, ticket: Ticket, outcome: Outcome) {
        let (before, after) = {
            let mut machine = breaker.lock();
            let before = machine.state();
            machine.record(now, ticket, outcome);
            (before, machine.state())
        };
        self.tell(&breaker.key, before, after);
    }

    /// Tells of a change, outside of the lock.
    fn tell(&self, key: &Key<'_>, from: BreakerState, to: BreakerState) {
        if from == to {
            return;
        }
        if to == BreakerState::Open {
            self.breakers.opened.fetch_add(1, Ordering::Relaxed);
        }
        let (dependency, class) = (&*key.dependency, key.class.as_deref());
        tracing::warn!(target: "purlin::breaker", dependency, class, ?from, ?to, "a breaker has changed");
        if let Some(callback) = &self.callback {
            callback(&BreakerChange {
                dependency,
                class,
                from,
                to,
            });
        }
    }
}

fn refused(wait: Duration) -> Error {
    let seconds = wait.as_secs_f64();
    let text =
        format!("not available at the moment, for it has failed: try again in {seconds:.1} s");
    Error::new(ErrorKind::Unavailable, text).with_retry_after(wait)
}

/// A request that was let through. Dropped before its end it says nothing.
struct Watch<'a> {
    owner: &'a CircuitBreaker,
    cx: &'a Context,
    breaker: Arc<Breaker>,
    ticket: Ticket,
    outcome: Outcome,
}

impl Watch<'_> {
    fn end(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let now = self.cx.moment();
        self.owner
            .record(&self.breaker, now, self.ticket, self.outcome);
    }
}
