//! Places to keep what outlives a request, and wrappers around them.
//!
//! Everything here implements [`KeyValue`](purlin_core::store::KeyValue), the seam of
//! `purlin-core`, and is handed to a server as `Arc<dyn KeyValue>`:
//!
//! - `Disk`: a file on this machine's disk (feature `disk`);
//! - `Redis`: a server or cluster that all replicas share (feature `redis`);
//! - `DynamoDb`: a table of Amazon's (feature `dynamodb`).
//!
//! A wrapper takes a store and is one: [`Encrypted`], [`Prefixed`], [`TtlClamp`], [`SizeLimit`],
//! [`Compressed`], [`ReadOnly`], [`Counted`], [`Fallback`]. They stack; the outermost sees what the
//! caller says, so compression goes around encryption:
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use purlin_core::{KeyRing, store::{KeyValue, MemoryStore}};
//! use purlin_stores::{Compressed, Encrypted, Prefixed, TtlClamp};
//!
//! let place = MemoryStore::new();
//! let store = Encrypted::new(place, KeyRing::new([[7; 32]]));
//! let store = Compressed::new(store);
//! let store = TtlClamp::new(store).at_most(Duration::from_secs(86_400));
//! let store: Arc<dyn KeyValue> = Arc::new(Prefixed::new(store, "staging"));
//! # let _ = store;
//! ```
//!
//! Data flow: a call goes through the wrappers, each of which changes the key, the value or the time
//! to live and passes it on, to the place, which makes one round trip. What must be atomic stays so
//! through every wrapper: those that change values compare what is stored, not what it looks like
//! from outside.
//!
//! What this crate refuses to do: list keys, print keys or values, start a background task that
//! outlives its store, or fail to start because of what lies on a disk. The conformance suite that
//! all of it passes is here for other stores too (feature `testing`).
#![cfg_attr(docsrs, feature(doc_cfg))]

mod wrap;

pub use wrap::{
    Compressed, Counted, Encrypted, Fallback, Prefixed, ReadOnly, SizeLimit, Statistics, TtlClamp,
};

#[cfg(feature = "disk")]
#[cfg_attr(docsrs, doc(cfg(feature = "disk")))]
pub mod disk;
#[cfg(feature = "disk")]
pub use disk::Disk;
#[cfg(feature = "dynamodb")]
#[cfg_attr(docsrs, doc(cfg(feature = "dynamodb")))]
pub mod dynamodb;
#[cfg(feature = "dynamodb")]
pub use dynamodb::DynamoDb;
#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub mod redis;
#[cfg(feature = "redis")]
pub use crate::redis::Redis;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;
