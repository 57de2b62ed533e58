//! The shelf in the right order.
//!
//! [`Layer::ALL`] is that order, and says why of each place. A stack has at most
//! one middleware in each place, and others between them.

mod layer;
#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use purlin_core::{Middleware, Server};

pub use layer::Layer;

use crate::{
    CircuitBreaker, Concurrency, Dereference, DetailedTiming, ErrorHandling, Logging, Ping,
    RateLimit, ResponseLimit, Retry, Timeout, Timing, timeout::CEILING,
};

/// How much runs at one time in production.
const PLACES: usize = 256;

type Put = Box<dyn FnOnce(Server) -> Server + Send>;

/// Middleware in the right order, to be put around a server.
///
/// Start with [`development`](Self::development) or
/// [`production`](Self::production), and put other middleware into a place
/// ([`with`](Self::with)), leave a place empty ([`without`](Self::without)), or
/// put your own between two ([`before`](Self::before), [`after`](Self::after)).
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::{Logging, Stack, Timing, stack::Layer};
///
/// let stack = Stack::production()
///     .with(Layer::Logging, Logging::json().estimate_tokens(true))
///     .without(Layer::Ping)
///     .after(Layer::Logging, "timing", Timing::new());
/// assert_eq!(stack.names()[..2], ["logging", "timing"]);
/// let server = stack.around(Server::builder("orders", "1.0.0"));
/// ```
#[derive(Default)]
pub struct Stack {
    /// Outermost first.
    slots: Vec<Slot>,
}

struct Slot {
    place: Place,
    put: Put,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Before(Layer, &'static str),
    At(Layer),
    After(Layer, &'static str),
}

impl Place {
    /// What places are sorted by; places next to the same layer keep the order
    /// in which they were added.
    fn order(self) -> (Layer, u8) {
        match self {
            Self::Before(layer, _) => (layer, 0),
            Self::At(layer) => (layer, 1),
            Self::After(layer, _) => (layer, 2),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::At(layer) => layer.name(),
            Self::Before(_, name) | Self::After(_, name) => name,
        }
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl Stack {
    /// Nothing in any place.
    pub fn new() -> Self {
        Self::default()
    }

    /// For the desk: lines for people with payloads (without secrets), times,
    /// errors with their causes, and the bounds that production has, so that they
    /// are met early.
    pub fn development() -> Self {
        Self::new()
            .with(Layer::Logging, Logging::human().payloads(true))
            .with(Layer::Timing, Timing::new())
            .with(Layer::ErrorHandling, ErrorHandling::new().mask(false))
            .with(Layer::Timeout, Timeout::after(CEILING))
            .with(Layer::Dereference, Dereference::new())
            .with(Layer::ResponseLimit, ResponseLimit::default())
    }

    /// For service: JSON lines without payloads, statistics of times, masked
    /// errors with correlation ids, 10 minutes for a request at most, 50 requests
    /// a second for each caller, 256 components running at one time and as many
    /// requests waiting, 1,000,000 bytes for a result, repeats of what may pass, a
    /// breaker for each tool, and pings each 30 s.
    ///
    /// What only you can decide is not in it, and has its place: whose data is
    /// whose ([`Layer::Tenants`]), who may do what ([`Layer::Authorize`]), what is
    /// charged for ([`Layer::Usage`]), what may be kept ([`Layer::Cache`]), where
    /// the audit log is ([`Layer::Audit`]).
    pub fn production() -> Self {
        Self::new()
            .with(Layer::Logging, Logging::json())
            .with(Layer::Timing, DetailedTiming::new())
            .with(Layer::ErrorHandling, ErrorHandling::new().mask(true))
            .with(Layer::Timeout, Timeout::after(CEILING))
            .with(Layer::RateLimit, RateLimit::new())
            .with(Layer::Concurrency, Concurrency::new(PLACES))
            .with(Layer::ResponseLimit, ResponseLimit::default())
            .with(Layer::Retry, Retry::new())
            .with(Layer::CircuitBreaker, CircuitBreaker::new())
            .with(Layer::Dereference, Dereference::new())
            .with(Layer::Ping, Ping::every(Duration::from_secs(30)))
    }

    /// Puts a middleware into a place, in place of what is there.
    #[must_use]
    pub fn with(self, layer: Layer, middleware: impl Middleware) -> Self {
        self.without(layer).put(Place::At(layer), middleware)
    }

    /// Leaves a place empty.
    #[must_use]
    pub fn without(mut self, layer: Layer) -> Self {
        self.slots.retain(|slot| slot.place != Place::At(layer));
        self
    }

    /// Puts a middleware of your own outside of a place, whether anything is in
    /// that place or not. Of several the first is outermost.
    #[must_use]
    pub fn before(self, layer: Layer, name: &'static str, middleware: impl Middleware) -> Self {
        self.put(Place::Before(layer, name), middleware)
    }

    /// The same inside of a place.
    #[must_use]
    pub fn after(self, layer: Layer, name: &'static str, middleware: impl Middleware) -> Self {
        self.put(Place::After(layer, name), middleware)
    }

    fn put(mut self, place: Place, middleware: impl Middleware) -> Self {
        let at = self
            .slots
            .partition_point(|slot| slot.place.order() <= place.order());
        let put: Put = Box::new(|server| server.middleware(middleware));
        self.slots.insert(at, Slot { place, put });
        self
    }

    /// What is in it, outermost first.
    pub fn names(&self) -> Vec<&'static str> {
        self.slots.iter().map(|slot| slot.place.name()).collect()
    }

    /// The server with the stack inside of the middleware it has already.
    #[must_use]
    pub fn around(self, server: Server) -> Server {
        let slots = self.slots.into_iter();
        slots.fold(server, |server, slot| (slot.put)(server))
    }
}
