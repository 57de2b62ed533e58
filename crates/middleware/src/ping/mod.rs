//! Signs of life.

mod hooks;
mod rounds;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use rounds::Rounds;

/// Pings the clients of sessions, every 30 s unless it is said otherwise, so
/// that proxies and firewalls between keep connections open.
///
/// One task does it for all sessions of a server. It starts with the first
/// session, ends with the last, and is stopped when the server is gone or
/// drains. The stateless era has no connections to keep and no pings.
///
/// ```
/// use std::time::Duration;
/// use purlin_core::Server;
/// use purlin_middleware::Ping;
///
/// let server = Server::builder("orders", "1.0.0").middleware(Ping::every(Duration::from_secs(15)));
/// ```
#[derive(Debug)]
pub struct Ping {
    rounds: Arc<Rounds>,
}

impl Default for Ping {
    fn default() -> Self {
        Self::every(Duration::from_secs(30))
    }
}

impl Ping {
    /// Pings at this interval.
    ///
    /// # Panics
    /// Below one second: that is no sign of life but a burden.
    pub fn every(interval: Duration) -> Self {
        assert!(
            interval >= Duration::from_secs(1),
            "pings need a second between them"
        );
        Self {
            rounds: Arc::new(Rounds::new(interval)),
        }
    }

    /// How many pings were sent.
    pub fn sent(&self) -> u64 {
        self.rounds.sent()
    }
}

impl Drop for Ping {
    fn drop(&mut self) {
        self.rounds.stop();
    }
}
