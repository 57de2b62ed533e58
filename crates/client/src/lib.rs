//! An MCP client for any server of any era.
//!
//! A [`Client`] is a cheap handle on one connection. It talks to a child process, to a URL or to
//! anything that carries messages ([`transport`]), finds out by itself which revision the server
//! speaks, and looks the same in every one of them: lists are paged through, questions of the
//! server (elicitation, sampling, roots) reach one set of handlers whether they come as requests
//! or inside results, and changes arrive on one stream.
//!
//! ```no_run
//! # async fn example() -> Result<(), purlin_client::ClientError> {
//! use purlin_client::{Client, transport::Command};
//! use serde_json::json;
//!
//! let client = Client::connect(Command::new("weather-server")).await?;
//! let sum: i64 = client.call("add", json!({"a": 1, "b": 2})).await?;
//! # Ok(()) }
//! ```
//!
//! What this crate refuses to do: guess a result's type from its shape (the method asked for and
//! `resultType` decide), keep anything running after the last handle is gone, or answer questions
//! it did not declare it would answer.

pub mod transport;

mod asked;
mod builder;
mod cache;
mod call;
mod changes;
mod client;
mod config;
mod envelope;
mod era;
mod error;
mod group;
mod held;
#[cfg(feature = "http")]
pub mod http;
mod inbox;
mod items;
mod link;
mod methods;
mod mirror;
mod output;
#[cfg(feature = "http")]
mod patience;
mod proxy;
mod renewal;
#[cfg(feature = "skills")]
pub mod skills;
mod span;
mod target;
mod tasks;
mod visits;

use std::future::Future;
use std::pin::Pin;

pub use asked::{IntoAnswer, form_defaults};
pub use builder::ClientBuilder;
pub use cache::Cache;
pub use call::{Call, Request};
pub use changes::{Change, Changes, Subscription};
pub use client::Client;
pub use config::{Config, Entry};
pub use era::Era;
pub use error::{ClientError, ErrorKind};
pub use group::Group;
pub use inbox::Direction;
pub use items::Items;
pub use proxy::proxy;
pub use purlin_core::protocol;
pub use purlin_core::wire::Revision;
pub use target::{Connection, Target};

/// A boxed future, as traits that are used as objects return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What the operations of this crate return.
pub type Result<T, E = ClientError> = std::result::Result<T, E>;
