//! One connection: to a server, or to all nodes of a cluster.

use std::{fmt, time::Duration};

use purlin_core::store::{StoreError, StoreErrorKind, StoreResult};
use redis::{
    AsyncConnectionConfig, Client, Cmd, Pipeline, RedisFuture, RedisResult, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
};

use super::{once::Once, trust::Trust};

/// What to connect to.
#[derive(Clone)]
pub(super) enum Server {
    Single(Box<Client>),
    Cluster(Box<ClusterClient>),
}

/// A connection that any number of calls share.
#[derive(Clone)]
pub(super) enum Connection {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection<Once>),
}

impl Server {
    pub(super) fn single(address: &str, trust: &Trust) -> StoreResult<Self> {
        let client = trust.client(address).map_err(invalid)?;
        Ok(Self::Single(Box::new(client)))
    }

    pub(super) fn cluster(
        addresses: Vec<String>,
        trust: &Trust,
        timeout: Duration,
    ) -> StoreResult<Self> {
        let builder = ClusterClient::builder(addresses)
            .response_timeout(timeout)
            .connection_timeout(timeout)
            .retries(2);
        let client = trust.of_cluster(builder).build().map_err(invalid)?;
        Ok(Self::Cluster(Box::new(client)))
    }

    /// Who tells of changes.
    pub(super) fn teller(&self) -> Option<Box<Client>> {
        match self {
            Self::Single(client) => Some(client.clone()),
            Self::Cluster(_) => None,
        }
    }

    /// Connects. It is for the caller to give up.
    pub(super) async fn connect(&self) -> RedisResult<Connection> {
        match self {
            Self::Single(client) => {
                // Deadlines are kept outside of the driver, where a call that misses one gives the
                // connection up.
                let config = AsyncConnectionConfig::new()
                    .set_connection_timeout(None)
                    .set_response_timeout(None);
                let connection = client.get_multiplexed_async_connection_with_config(&config);
                connection.await.map(Connection::Single)
            }
            Self::Cluster(client) => {
                let connection = client.get_async_generic_connection().await?;
                Ok(Connection::Cluster(connection))
            }
        }
    }
}

/// The source is left out: it may quote the address, which may hold a password.
fn invalid(_: redis::RedisError) -> StoreError {
    let text = "an address of Redis looks like redis://host:6379/0, rediss://… (with the feature \
                redis-tls) or unix:///path";
    StoreError::new(StoreErrorKind::Invalid, text)
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single(_) => "Single([redacted])",
            Self::Cluster(_) => "Cluster([redacted])",
        })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}
