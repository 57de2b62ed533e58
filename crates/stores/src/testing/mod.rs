//! The conformance suite: what every store does, for anybody's store. And [`Moody`], a store that
//! goes away when a test wants it to.
//!
//! ```
//! use std::sync::Arc;
//! use purlin_core::store::MemoryStore;
//! use purlin_stores::testing::Conformance;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! Conformance::new(Arc::new(MemoryStore::new())).run().await;
//! # }
//! ```
//!
//! Each check uses collections of its own, with a random part, so a store that is not empty will do,
//! and nothing is left behind that is not deleted or expires within the hour. Nothing is timed:
//! where something has to expire, the suite waits for that.

#![allow(clippy::unwrap_used, reason = "a suite fails by panicking")]

mod cancellation;
mod concurrency;
mod limits;
mod moody;
mod names;
mod times;
mod values;

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use purlin_core::{
    BoxFuture,
    store::{Key, KeyValue, StoreResult, Stored},
};

pub use moody::{Mood, Moody, Written};

/// How long the suite waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(60);
/// The time to live of what is not meant to expire during the suite.
const HOUR: Duration = Duration::from_secs(3_600);

/// The suite for one store.
///
/// [`run`](Self::run) panics at the first thing that is not as it should be, with the name of the
/// check before it.
#[derive(Debug, Clone)]
pub struct Conformance {
    store: Arc<dyn KeyValue>,
    largest: usize,
    tasks: usize,
}

/// A check, by name.
type Check = (&'static str, fn(Scene) -> BoxFuture<'static, ()>);

/// What a check works with.
#[derive(Debug, Clone)]
struct Scene {
    store: Arc<dyn KeyValue>,
    collection: String,
    largest: usize,
    tasks: usize,
}

impl Conformance {
    /// The suite for a store.
    pub fn new(store: Arc<dyn KeyValue>) -> Self {
        Self {
            store,
            largest: 1 << 20,
            tasks: 100,
        }
    }

    /// The largest value that the store takes, in bytes; 1 MiB unless said otherwise.
    #[must_use]
    pub fn largest_value(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }

    /// How many tasks compete for one key; 100 unless said otherwise.
    #[must_use]
    pub fn tasks(mut self, count: usize) -> Self {
        self.tasks = count;
        self
    }

    /// Runs all checks, one after the other.
    ///
    /// # Panics
    /// When the store is not as it should be.
    pub async fn run(self) {
        for (name, check) in all_checks() {
            let scene = self.scene(name);
            // The task gives every check its own panic, under its name.
            let ended = tokio::spawn(check(scene)).await;
            if let Err(failure) = ended {
                panic!("the store fails the check `{name}`: {failure}");
            }
        }
    }

    fn scene(&self, name: &str) -> Scene {
        let random = RandomState::new().hash_one(name);
        Scene {
            store: Arc::clone(&self.store),
            collection: format!("{name} {random:016x}"),
            largest: self.largest,
            tasks: self.tasks,
        }
    }
}

fn all_checks() -> impl Iterator<Item = Check> {
    [
        values::CHECKS,
        names::CHECKS,
        times::CHECKS,
        limits::CHECKS,
        concurrency::CHECKS,
        cancellation::CHECKS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

impl Scene {
    fn at<'a>(&'a self, key: &'a str) -> Key<'a> {
        Key::new(&self.collection, key)
    }

    /// Writes something that is gone in an hour.
    async fn put(&self, key: &str, value: impl Into<Bytes>) {
        let written = self.store.put(self.at(key), value.into(), Some(HOUR)).await;
        written.expect("a value is written");
    }

    async fn get(&self, key: &str) -> Option<Bytes> {
        value(self.store.get(self.at(key)).await)
    }

    /// Waits until what is there is not `seen`.
    async fn wait(&self, key: &str, seen: Option<&Bytes>) -> Option<Bytes> {
        let waiting = self.store.changed(self.at(key), seen.cloned(), PATIENCE);
        value(waiting.await)
    }
}

fn value(found: StoreResult<Option<Stored>>) -> Option<Bytes> {
    found.expect("a value is read").map(|stored| stored.value)
}

/// Makes an entry of `CHECKS`.
macro_rules! checks {
    ($($name:ident),+ $(,)?) => {
        pub(super) const CHECKS: &[super::Check] =
            &[$((stringify!($name), |scene| Box::pin($name(scene)))),+];
    };
}
use checks;
