//! What stands around all four servers: the shelf, with the numbers of the settings.

use std::{sync::Arc, time::Duration};

use purlin::{
    Rate,
    access::SharedLimits,
    config::{Loaded, Profile},
    middleware::{Audit, Cache, RateLimit, Stack, stack::Layer},
    store::KeyValue,
};

use crate::{Settings, caller::identify};

/// The tools whose answers may be kept for a while.
const SETTLED: [&str; 3] = ["weather_current", "weather_forecast", "weather_warmest"];

/// The middleware of a profile: what helps on a desk, or what holds in service.
pub fn of(
    settings: &Loaded<Settings>,
    shared: Option<Arc<dyn KeyValue>>,
    audit: Option<&Audit>,
) -> Stack {
    let production = settings.profile() != Profile::Development;
    let mut stack = match production {
        true => Stack::production(),
        false => Stack::development(),
    };
    if production || settings.rate_limit.is_some() {
        stack = stack.with(Layer::RateLimit, limit(settings.rate_limit, shared));
    }
    if settings.enable_caching {
        stack = stack.with(Layer::Cache, cache(settings.cache_ttl));
    }
    if let Some(audit) = audit {
        stack = stack.with(Layer::Audit, audit.clone());
    }
    with_ours(stack)
}

/// What tools of the platform cannot do without.
pub fn least() -> Stack {
    with_ours(Stack::new())
}

fn with_ours(stack: Stack) -> Stack {
    stack.after(Layer::Audit, "caller", identify)
}

/// So many requests for each caller; replicas count together in the store they
/// have in common.
fn limit(rate: Option<Rate>, shared: Option<Arc<dyn KeyValue>>) -> RateLimit {
    let limit = match rate {
        Some(rate) => RateLimit::none()
            .principal(rate, rate.count())
            .unauthenticated(rate, rate.count()),
        None => RateLimit::new(),
    };
    match shared {
        Some(store) => limit.shared(SharedLimits::new(store).count_replicas()),
        None => limit,
    }
}

/// The weather alone: the stock has to be true, and other replicas change it.
fn cache(ttl: Duration) -> Cache {
    SETTLED
        .into_iter()
        .fold(Cache::none(), |cache, tool| cache.tool(tool, ttl))
}
