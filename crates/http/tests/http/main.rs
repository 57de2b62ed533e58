//! What an HTTP endpoint does, seen from a socket: each rule of the transport
//! has a test named after it.

#![allow(clippy::unwrap_used)]

mod binding;
mod caller;
mod changes;
mod content;
mod ends;
mod fixture;
mod framing;
mod health;
mod host;
#[cfg(feature = "http2")]
mod http2;
mod introductions;
mod legacy_sse;
mod limits;
mod modern;
mod origin;
mod params;
mod raw;
mod replicas;
#[cfg(feature = "axum")]
mod router;
mod sessions;
mod shutdown;
mod streams;
mod tenants;
