//! The processes, their store, and clients of them.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use purlin_client::{Client, ClientBuilder, Direction, Era, protocol::ElicitResult};
use purlin_stores::Redis;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{proxy::Proxy, redis::RedisServer};

pub(crate) struct Cluster {
    pub(crate) proxy: Proxy,
    replicas: Vec<Child>,
    redis: RedisServer,
}

impl Cluster {
    pub(crate) async fn start() -> Self {
        let redis = RedisServer::start().await;
        let (mut replicas, mut addresses) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let (child, address) = replica(&url(&redis)).await;
            replicas.push(child);
            addresses.push(address);
        }
        Self {
            proxy: Proxy::start(addresses).await,
            replicas,
            redis,
        }
    }

    /// Kills the process with this id, or the first one, at once (SIGKILL).
    pub(crate) async fn kill(&mut self, process: Option<u32>) {
        let victim = self
            .replicas
            .iter_mut()
            .find(|child| process.is_none() || child.id() == process);
        victim.expect("a replica to kill").kill().await.unwrap();
    }

    /// The store that the processes share.
    pub(crate) fn store(&self) -> Redis {
        Redis::builder(url(&self.redis)).build().unwrap()
    }

    /// A client that says yes to everything.
    pub(crate) async fn client(&self, era: Era) -> (Client, Heard) {
        let heard = Heard::default();
        let builder = heard.attach(Client::builder().era(era));
        let client = builder.connect(self.proxy.url().as_str()).await.unwrap();
        (client, heard)
    }
}

fn url(redis: &RedisServer) -> String {
    format!("redis://{}/", redis.address())
}

async fn replica(store: &str) -> (Child, SocketAddr) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_replica"))
        .env("STORE", store)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.next_line().await.unwrap().expect("an address");
    (child, address.parse().unwrap())
}

/// What one client was sent: how often each of its requests was answered, and
/// the processes that told of themselves.
#[derive(Clone, Default)]
pub(crate) struct Heard {
    answers: Arc<Mutex<BTreeMap<String, u32>>>,
    progress: Arc<Mutex<Vec<u32>>>,
}

impl Heard {
    fn attach(&self, builder: ClientBuilder) -> ClientBuilder {
        let (answers, progress) = (Arc::clone(&self.answers), Arc::clone(&self.progress));
        builder
            .timeout(Duration::from_secs(120))
            .answer_elicitation(|_| {
                let yes = json!({ "yes": true });
                ElicitResult::accept(yes.as_object().cloned().unwrap_or_default())
            })
            .on_progress(move |params| {
                // A process id is exact in a float.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                progress.lock().unwrap().push(params.progress as u32);
            })
            .tap(move |direction, bytes| {
                let message: Value = serde_json::from_slice(bytes).unwrap_or_default();
                let answers_ours = message.get("method").is_none() && message.get("id").is_some();
                if matches!(direction, Direction::Received) && answers_ours {
                    let id = message["id"].to_string();
                    *answers.lock().unwrap().entry(id).or_default() += 1;
                }
            })
    }

    /// The requests that were answered more than once.
    pub(crate) fn answered_twice(&self) -> Vec<String> {
        let answers = self.answers.lock().unwrap();
        let twice = answers.iter().filter(|(_, count)| **count > 1);
        twice.map(|(id, _)| id.clone()).collect()
    }

    pub(crate) fn progress(&self) -> Vec<u32> {
        self.progress.lock().unwrap().clone()
    }
}
