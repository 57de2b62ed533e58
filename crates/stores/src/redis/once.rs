//! A connection to one node of a cluster over which nothing is written twice.

use redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, IntoConnectionInfo, Pipeline, RedisError, RedisFuture,
    Value,
    aio::{ConnectionLike, MultiplexedConnection},
    cluster_async::Connect,
};

use super::scripts::is_repeatable;

/// The driver sends a command again whose answer did not come, or made no sense. Of a command that
/// writes, such an error is made one that it does not try to mend. What a node refuses (the key lies
/// elsewhere, it is loading, it is a replica) it has not done: that is sent again all the same.
#[derive(Clone)]
pub(super) struct Once(MultiplexedConnection);

impl Connect for Once {
    fn connect_with_config<'a, T>(info: T, config: AsyncConnectionConfig) -> RedisFuture<'a, Self>
    where
        T: IntoConnectionInfo + Send + 'a,
    {
        Box::pin(async move {
            let connection = MultiplexedConnection::connect_with_config(info, config).await?;
            Ok(Self(connection))
        })
    }
}

impl ConnectionLike for Once {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let answer = self.0.req_packed_command(command).await;
            match is_repeatable(command) {
                true => answer,
                false => answer.map_err(last),
            }
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let answer = self.0.req_packed_commands(pipeline, offset, count).await;
            match pipeline.cmd_iter().all(is_repeatable) {
                true => answer,
                false => answer.map_err(last),
            }
        })
    }

    fn get_db(&self) -> i64 {
        self.0.get_db()
    }
}

fn last(error: RedisError) -> RedisError {
    match error.kind() {
        ErrorKind::Server(_) => error,
        _ => RedisError::from((
            ErrorKind::Client,
            "nobody knows whether this was written",
            error.to_string(),
        )),
    }
}
