//! A store in Redis or Valkey (from version 5 on), which all replicas share.
//!
//! One record is one Redis key, `<namespace>:<length>:<collection>:<key>`, with Redis' own time to
//! live. What has to be atomic is one script over that one key, so everything works on a cluster as
//! well, and limits count by the clock of the server. The limits of one call are one script over all
//! of their keys; on a cluster, where those lie on several nodes, they are asked in turn. `KEYS` and
//! `SCAN` are never used.
//!
//! What may have been written is never sent again: when a connection breaks before the answer is
//! there, the call fails, and nobody counts twice. On a cluster, reads are sent again, and so is what a
//! node has refused because the key lies elsewhere.
//!
//! Who waits for a change is woken by the server: whatever writes a record publishes on a channel of
//! its name, and one more connection, made when somebody first waits, listens there. Users of Redis
//! need leave to use these channels (`&purlin:*` in an access list). While there is none, while that
//! connection is broken, and on a cluster, where every message would go to every node, waiting is
//! asking again and again.
//!
//! Connections are few and shared: each carries any number of calls at once. A call waits at most
//! one second for a connection and two for its answer; then it fails, and the connection is given up
//! and made anew, with growing pauses of random length of up to a second. So a server that hangs
//! behind a dead firewall is found out like one that refuses. A connection that nobody uses is asked
//! for a sign of life every few seconds.
//!
//! ```no_run
//! use purlin_core::store::{Key, KeyValue, StoreError};
//! use purlin_stores::Redis;
//!
//! # async fn example() -> Result<(), StoreError> {
//! let store = Redis::builder("redis://127.0.0.1:6379/")
//!     .namespace("shop")
//!     .build()?;
//! store.put(Key::new("carts", "1"), "tea".into(), None).await?;
//! # Ok(()) }
//! ```

mod connection;
mod failure;
mod link;
mod news;
mod once;
mod scripts;
mod store;
mod trust;

use std::{sync::Arc, time::Duration};

use purlin_core::store::{StoreError, StoreErrorKind, StoreResult};

use connection::Server;
use link::{Links, Patience};
use news::News;
use scripts::Scripts;
use trust::Trust;

/// A store in Redis or Valkey, or in a cluster of them.
///
/// Cheap to clone; the clones share connections, which are closed with the last of them.
#[derive(Debug, Clone)]
pub struct Redis(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    namespace: String,
    links: Links,
    news: News,
    scripts: Scripts,
    patience: Patience,
    is_cluster: bool,
}

/// How a [`Redis`] store is made.
#[derive(Debug, Clone)]
#[must_use]
pub struct RedisBuilder {
    addresses: Addresses,
    namespace: String,
    connections: usize,
    patience: Patience,
    trust: Trust,
}

#[derive(Clone)]
enum Addresses {
    Server(String),
    Cluster(Vec<String>),
}

impl std::fmt::Debug for Addresses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // An address may hold a password.
        f.write_str(match self {
            Self::Server(_) => "Server([redacted])",
            Self::Cluster(_) => "Cluster([redacted])",
        })
    }
}

impl Redis {
    /// A store at `redis://[user:password@]host[:port][/database]`, `rediss://…` (feature
    /// `redis-tls`) or `unix:///path/to/socket`.
    pub fn builder(address: impl Into<String>) -> RedisBuilder {
        RedisBuilder::new(Addresses::Server(address.into()))
    }

    /// A store in a cluster, of which some nodes are given.
    pub fn cluster(addresses: impl IntoIterator<Item = impl Into<String>>) -> RedisBuilder {
        let addresses = addresses.into_iter().map(Into::into).collect();
        RedisBuilder::new(Addresses::Cluster(addresses))
    }
}

impl RedisBuilder {
    fn new(addresses: Addresses) -> Self {
        Self {
            addresses,
            namespace: "purlin".to_owned(),
            connections: 2,
            patience: Patience::default(),
            trust: Trust::default(),
        }
    }

    /// What the names of all keys begin with: up to 64 of the characters `A-Z a-z 0-9 . _ -`.
    /// `purlin` unless said otherwise.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// How many connections there are, at least one. Two unless said otherwise; more are of use for
    /// large values, which hold up what is behind them on one connection.
    pub fn connections(mut self, count: usize) -> Self {
        self.connections = count.clamp(1, 64);
        self
    }

    /// Believes a server of `rediss://` whose certificate was signed by one of these, in PEM, in
    /// place of those whom this machine trusts. For Redis behind an authority of one's own.
    ///
    /// ```no_run
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use purlin_stores::Redis;
    ///
    /// let authority = std::fs::read("/etc/redis/ca.pem")?;
    /// let store = Redis::builder("rediss://redis.internal:6379/").root_certificates(authority).build()?;
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "redis-tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "redis-tls")))]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.trust = Trust::in_certificates(pem.into());
        self
    }

    /// How long a call waits for its answer; two seconds unless said otherwise.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.patience.answer = time;
        self
    }

    /// How long a call waits for a connection; one second unless said otherwise.
    pub fn wait(mut self, time: Duration) -> Self {
        self.patience.connection = time;
        self
    }

    /// Makes the store. It connects in the background, so this does not fail because a server is
    /// down: the calls do, and [`check`](purlin_core::store::KeyValue::check) says so.
    ///
    /// # Errors
    /// [`StoreErrorKind::Invalid`] when an address or the namespace is none, or this is called
    /// outside of a tokio runtime.
    pub fn build(self) -> StoreResult<Redis> {
        check_namespace(&self.namespace)?;
        let runtime = tokio::runtime::Handle::try_current().map_err(|error| {
            let text = "a Redis store is made inside a tokio runtime";
            StoreError::new(StoreErrorKind::Invalid, text).with_source(error)
        })?;
        let server = match self.addresses {
            Addresses::Server(address) => Server::single(&address, &self.trust),
            Addresses::Cluster(addresses) => {
                Server::cluster(addresses, &self.trust, self.patience.answer)
            }
        }?;
        let teller = server.teller();
        let is_cluster = teller.is_none();
        Ok(Redis(Arc::new(Inner {
            namespace: self.namespace,
            links: Links::new(&runtime, &server, self.connections, self.patience),
            scripts: Scripts::new(!is_cluster),
            news: News::new(&runtime, teller, self.patience),
            patience: self.patience,
            is_cluster,
        })))
    }
}

fn check_namespace(namespace: &str) -> StoreResult<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if (1..=64).contains(&namespace.len()) && namespace.bytes().all(plain) {
        return Ok(());
    }
    let text = "a namespace in Redis has 1 to 64 of the characters A-Z a-z 0-9 . _ -";
    Err(StoreError::new(StoreErrorKind::Invalid, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wrong_address_or_namespace_is_told_without_repeating_it() {
        for address in [
            "",
            "http://s3cret@host",
            "redis//s3cret",
            "127.0.0.1:s3cret",
        ] {
            let error = Redis::builder(address).build().unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Invalid, "{address}");
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
        let error = Redis::builder("redis://host").namespace("a:b").build();
        assert_eq!(error.unwrap_err().kind(), StoreErrorKind::Invalid);
        let builder = Redis::builder("redis://:s3cret@host");
        assert!(!format!("{builder:?}").contains("s3cret"));
        let store = builder.build().unwrap();
        assert!(!format!("{store:?}").contains("s3cret"));
    }

    #[test]
    fn outside_of_a_runtime_the_error_says_so() {
        let error = Redis::builder("redis://host").build().unwrap_err();
        assert!(error.to_string().contains("tokio"));
    }
}
