//! Every rule of the fetcher, without a network.
#![allow(
    clippy::unwrap_used,
    clippy::field_reassign_with_default,
    reason = "these are tests, and `Limits` is non-exhaustive"
)]

mod addresses;
mod bodies;
mod dns;
mod errors;
mod events;
mod hosts;
mod limits;
mod net;
mod properties;
mod proxy;
mod redirects;
mod requests;
mod reuse;
mod text;
mod tls;
