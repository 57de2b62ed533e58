//! What an endpoint counts of itself.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicU64, Ordering},
};

use purlin_core::measure::{Measure, Samples};

use crate::service::Endpoint;

/// How many there are of what comes and goes.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) connections: Arc<Count>,
    pub(crate) streams: Arc<Count>,
}

/// A number of things that are there now.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

/// One of them; dropping it takes it away.
#[derive(Debug)]
pub(crate) struct Counted(Arc<Count>);

impl Count {
    pub(crate) fn one(self: &Arc<Self>) -> Counted {
        self.0.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(self))
    }

    #[allow(clippy::cast_precision_loss)]
    fn now(&self) -> f64 {
        self.0.load(Ordering::Relaxed) as f64
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Tells the counts of an endpoint as long as it is there.
pub(crate) struct OfEndpoint(pub(crate) Weak<Endpoint>);

impl Measure for OfEndpoint {
    #[allow(clippy::cast_precision_loss)]
    fn measure(&self, samples: &mut Samples) {
        let Some(endpoint) = self.0.upgrade() else {
            return;
        };
        let counts = &endpoint.counts;
        let mut gauge = |name, help, value| samples.gauge(name, help, &[], value);
        gauge(
            "mcp_http_connections",
            "Open HTTP connections.",
            counts.connections.now(),
        );
        gauge(
            "mcp_http_streams",
            "Open event streams.",
            counts.streams.now(),
        );
        gauge(
            "mcp_http_sessions",
            "Sessions of the session era.",
            endpoint.sessions.len() as f64,
        );
    }
}
