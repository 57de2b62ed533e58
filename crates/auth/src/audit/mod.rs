//! What happened to logins, consents and tokens, for whoever keeps watch.
//!
//! The [authorization server](crate::authorization_server) tells an [`AuthEvents`] of each
//! [`AuthEvent`], [`Protection`](crate::protect::Protection) of the callers that it refuses. Without one of yours, [`TracingEvents`] writes them as events of `tracing` under
//! the target `purlin::auth`. A closure is one too. `purlin::middleware::audit::AuthLog` writes them
//! into the chained log of the shelf of middleware; it stands in the crate `purlin`, for this one
//! does not know that one.
//!
//! What an event refuses to hold: tokens, codes, states, cookies, passwords, queries.

mod event;
mod recorder;

pub use event::{AuthEvent, AuthEventKind, AuthOutcome};
pub use recorder::{AuthEvents, TracingEvents};
