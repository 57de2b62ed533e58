//! A server as one mountable tower service.
//!
//! [`StreamableHttp`] answers every revision of the protocol at one path:
//! stateless requests of 2026-07-28, and sessions with resumable streams for
//! the revisions before it. [`serve`] and [`HttpServer`] host it on hyper with
//! limits and a graceful end; it can as well be mounted in a router of your
//! own.
//!
//! What may reach a server is decided here and before a body is read: host
//! names, origins, content types, sizes and times ([`HttpConfig`]), and who
//! calls ([`Authenticator`]). What a
//! message means is decided in `purlin-core`. Start reading in `service.rs`,
//! then `post.rs` and, by era, `modern.rs` or `session/`.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod body;
mod config;
mod cors;
mod counts;
mod guard;
mod head;
mod health;
mod intake;
#[cfg(feature = "legacy-sse")]
mod legacy_sse;
mod modern;
mod origin;
mod post;
mod protect;
mod proxies;
mod route;
#[cfg(feature = "axum")]
mod router;
mod serve;
mod service;
mod session;
mod sse;

pub use body::{Body, BodyError};
pub use config::{ConfigError, HttpConfig};
pub use protect::{Authenticated, Authentication, Authenticator, Peer};
pub use proxies::ClientAddress;
pub use route::Route;
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use router::router;
pub use serve::{HttpServer, HttpServerBuilder, ServeError, serve};
pub use service::StreamableHttp;
