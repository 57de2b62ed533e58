//! Transports that need nothing but the standard library and tokio.
//!
//! A transport moves bytes: it hands each message to the server and sends what
//! comes out. [`stdio`] serves a client over standard input and output,
//! [`memory`] one inside this process.

mod connection;
mod driver;
pub mod memory;
#[cfg(unix)]
pub mod stdio;

pub(crate) use connection::{Connection, Work};
pub(crate) use driver::{Driver, InFlightGuard, Sink};

/// How large one message may be, in bytes.
pub const MAX_MESSAGE: usize = 4 * 1024 * 1024;
