//! Bad handlers, bad middleware and bad texts, on a server in memory: message
//! by message, with nothing between.

// The lint knows tests by their attribute, not what tests call.
#![allow(clippy::unwrap_used)]

mod blocking;
mod lifespans;
mod masking;
mod panics;
mod progress;
mod seals;
mod wire;
