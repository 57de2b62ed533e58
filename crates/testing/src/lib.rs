//! Tests of servers with the real client: every message goes through the server's own parser,
//! dispatch and encoder, in memory.
//!
//! ```
//! use purlin_core::Server;
//! use purlin_testing as testing;
//!
//! # testing::run_test("example", |_| async {
//! let client = testing::connect(Server::builder("empty", "1.0.0")).await;
//! assert!(client.list_tools().await.unwrap_or_default().is_empty());
//! # }, false);
//! ```
//!
//! - [`connect`] gives a [`TestClient`]; [`client`] configures one first: era, answers to what the
//!   server asks, checks of every frame.
//! - What happened besides the answers is recorded: [`logs`](TestClient::logs),
//!   [`progress`](TestClient::progress), [`changes`](TestClient::changes), and every frame in the
//!   [`transcript`](TestClient::transcript).
//! - [`catalogue`](TestClient::catalogue) and [`assert_snapshot`] keep names, descriptions and
//!   schemas from changing unseen.
//!
//! Functions here panic where a test would unwrap.

mod builder;
mod catalogue;
mod client;
mod frame;
mod record;
mod run;
mod snapshot;

pub use builder::{TestClientBuilder, client, client_over, connect, connect_in};
pub use catalogue::Catalogue;
pub use client::TestClient;
pub use frame::{Frame, FrameKind};
pub use purlin_client::{
    Change, Changes, Client, ClientError, Direction, Era, ErrorKind, Revision, Subscription,
    protocol,
};
#[doc(hidden)]
pub use run::{Outcome, run_test};
pub use serde_json::json;
pub use snapshot::assert_snapshot;
