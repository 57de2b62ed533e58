//! Identity providers, each at a look-alike that replays its discovery document and has its quirks.

mod logins;
mod lookalike;
mod quirks;
mod refusals;
mod secrets;
mod settings;
mod tokens;
