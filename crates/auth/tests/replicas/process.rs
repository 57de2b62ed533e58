//! A replica: this program once more, as a server.

#![allow(clippy::print_stdout, reason = "who starts it reads the address there")]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use purlin_auth::authorization_server::{AuthorizationServer, Keys};
use purlin_core::Server;
use purlin_http::{HttpConfig, HttpServer};
use purlin_stores::Redis;

use crate::redis::RedisServer;
use crate::scene::{Scene, Upstream};

const ISSUER: &str = "https://mcp.test";
/// The address of the Redis, for a process that is to be a replica.
const ASKED: &str = "PURLIN_AUTH_REPLICA";
/// What stands before the address of a replica in what it prints.
const LISTENS: &str = "listens at ";

/// A running process, killed when it is dropped.
pub(crate) struct Replica {
    child: Child,
    address: SocketAddr,
    pub(crate) scene: Scene,
}

impl Replica {
    /// Starts this test again, in a process of its own that [serves](serve_if_asked).
    pub(crate) async fn start(test: &str, redis: &RedisServer) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(ASKED, format!("redis://{}/", redis.address()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listens = tokio::task::spawn_blocking(|| {
            let mut lines = lines.map(Result::unwrap);
            let line = lines.find(|line| line.contains(LISTENS));
            line.expect("it says where it listens")
        });
        let line = listens.await.unwrap();
        let (_, address) = line.split_once(LISTENS).unwrap();
        let address = address.parse().unwrap();
        Self {
            child,
            address,
            scene: Scene::elsewhere(ISSUER, address),
        }
    }

    /// It as seen from a machine of its own.
    pub(crate) fn scene_of(&self, machine: u16) -> Scene {
        let mut scene = Scene::elsewhere(ISSUER, self.address);
        scene.browser = scene.browser.on_machine(machine);
        scene
    }

    /// Ends it at once (SIGKILL).
    pub(crate) fn kill(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Serves until it is killed, if this process was started for it.
pub(crate) async fn serve_if_asked() -> bool {
    let Ok(redis) = std::env::var(ASKED) else {
        return false;
    };
    let server = AuthorizationServer::builder(ISSUER, Upstream)
        .keys(Keys::new([[7; 32]]).unwrap())
        .store(Arc::new(Redis::builder(redis).build().unwrap()))
        .scope("orders:read", "See your orders")
        .build()
        .unwrap();
    let config = HttpConfig::new()
        .allowed_hosts(["mcp.test"])
        .authenticator(server.protection());
    let serving = HttpServer::builder(Server::builder("protected", "1.0.0"))
        .config(config)
        .bind("127.0.0.1:0")
        .listen()
        .await
        .unwrap();
    println!("{LISTENS}{}", serving.local_addr());
    serving.serve().await.unwrap();
    true
}
