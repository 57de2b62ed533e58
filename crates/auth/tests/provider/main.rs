//! Identity providers, each at a look-alike that replays its discovery document and has its quirks.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::needless_pass_by_value,
    reason = "claims are written where they are used"
)]
#![allow(
    clippy::semicolon_if_nothing_returned,
    reason = "closures change one thing"
)]

mod logins;
mod lookalike;
mod quirks;
mod refusals;
mod secrets;
mod settings;
mod tokens;
