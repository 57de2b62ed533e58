//! What happens around a request.

use std::{collections::HashMap, future::ready, sync::atomic::Ordering, time::Duration};

use purlin_core::{
    BoxFuture, Error, ErrorKind, Result,
    measure::Samples,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
};
use tokio::time::Instant;

use super::{
    BreakerChange, BreakerState, CAPACITY, CircuitBreaker, Key, Outcome,
    machine::{Machine, Ticket},
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
        let Some(dependency) = (self.dependency)(&request) else {
            return Box::pin(next.run(request));
        };
        let class = self.class.as_ref();
        let class = class.and_then(|class| class(request.context()));
        match self.admit(Key { dependency, class }) {
            Err(error) => Box::pin(ready(Err(error))),
            Ok(None) => Box::pin(next.run(request)),
            Ok(Some(watch)) => Box::pin(async move {
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
    /// `None` when there are too many dependencies to watch this one.
    fn admit(&self, key: Key) -> Result<Option<Watch<'_>>> {
        let now = Instant::now();
        let (before, admitted, after) = {
            let mut machines = self.breakers.lock();
            let Some(machine) = self.machine(&mut machines, &key, now) else {
                return Ok(None);
            };
            let before = machine.state();
            (before, machine.admit(now), machine.state())
        };
        self.tell(&key, before, after);
        match admitted {
            Ok(ticket) => Ok(Some(Watch {
                breaker: self,
                key,
                ticket,
                outcome: Outcome::Unknown,
            })),
            Err(wait) => {
                self.breakers.refused.fetch_add(1, Ordering::Relaxed);
                Err(refused(wait))
            }
        }
    }

    /// The machine of a dependency; `None` where there is no room for one.
    fn machine<'m>(
        &self,
        machines: &'m mut HashMap<Key, Machine>,
        key: &Key,
        now: Instant,
    ) -> Option<&'m mut Machine> {
        if !machines.contains_key(key) {
            if machines.len() >= CAPACITY {
                machines.retain(|_, machine| !machine.is_blank());
            }
            if machines.len() >= CAPACITY {
                return None;
            }
            machines.insert(key.clone(), Machine::new(self.policy.clone(), now));
        }
        machines.get_mut(key)
    }

    fn record(&self, key: &Key, ticket: Ticket, outcome: Outcome) {
        let now = Instant::now();
        let changed = {
            let mut machines = self.breakers.lock();
            machines.get_mut(key).map(|machine| {
                let before = machine.state();
                machine.record(now, ticket, outcome);
                (before, machine.state())
            })
        };
        if let Some((before, after)) = changed {
            self.tell(key, before, after);
        }
    }

    /// Tells of a change, outside of the lock.
    fn tell(&self, key: &Key, from: BreakerState, to: BreakerState) {
        if from == to {
            return;
        }
        if to == BreakerState::Open {
            self.breakers.opened.fetch_add(1, Ordering::Relaxed);
        }
        let Key { dependency, class } = key;
        tracing::warn!(target: "purlin::breaker", dependency, class, ?from, ?to, "a breaker has changed");
        if let Some(callback) = &self.callback {
            callback(&BreakerChange {
                dependency,
                class: class.as_deref(),
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
    breaker: &'a CircuitBreaker,
    key: Key,
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
        self.breaker.record(&self.key, self.ticket, self.outcome);
    }
}
