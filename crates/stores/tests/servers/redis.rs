//! A real Redis for one test, on a free port, gone with the test.

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct RedisServer {
    child: Child,
    address: SocketAddr,
    directory: PathBuf,
}

impl RedisServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a server with further options.
    ///
    /// Somebody else may take the port between finding and using it; then the server ends at once,
    /// and another port is tried.
    pub(crate) async fn start_with(options: &[&str]) -> Self {
        let options: Vec<_> = options.iter().map(|text| (*text).to_owned()).collect();
        for _ in 0..10 {
            let address = free_address();
            let directory = directory(address);
            if let Some(child) = launch(address, &directory, &options).await {
                return Self {
                    child,
                    address,
                    directory,
                };
            }
        }
        panic!("redis-server did not come up on any of ten free ports");
    }

    /// Starts a cluster of one node.
    #[allow(dead_code, reason = "not every suite needs a cluster")]
    pub(crate) async fn start_cluster() -> Self {
        let server = Self::start_with(&["--cluster-enabled", "yes"]).await;
        let mut stream = TcpStream::connect(server.address)
            .await
            .expect("it listens");
        let ask = async |stream: &mut TcpStream, command: &str| {
            let sent = stream.write_all(command.as_bytes()).await;
            sent.expect("it reads");
            let mut part = [0; 4_096];
            let read = stream.read(&mut part).await.expect("it answers");
            String::from_utf8_lossy(&part[..read]).into_owned()
        };
        let said = ask(&mut stream, "CLUSTER ADDSLOTSRANGE 0 16383\r\n").await;
        assert_eq!(said, "+OK\r\n");
        // The node takes a moment to find that its cluster is complete.
        let mut state = String::new();
        while !state.contains("cluster_state:ok") {
            state.push_str(&ask(&mut stream, "CLUSTER INFO\r\n").await);
        }
        server
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts it once more, empty, at the address it had.
    #[allow(dead_code, reason = "not every test that starts one restarts it")]
    pub(crate) async fn restart(&mut self) {
        self.kill();
        let started = launch(self.address, &self.directory, &[]).await;
        self.child = started.expect("the port it had is still free");
    }

    pub(crate) fn kill(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }

    /// Starts it again, empty, at the address it had.
    #[allow(dead_code, reason = "not every suite lets it come back")]
    pub(crate) async fn revive(&mut self) {
        let child = launch(self.address, &self.directory, &[]).await;
        self.child = child.expect("its port is free still");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
        _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address")
}

fn directory(address: SocketAddr) -> PathBuf {
    let name = format!("purlin-redis-{}-{}", std::process::id(), address.port());
    let directory = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&directory).expect("a directory is made");
    directory
}

/// Starts the program and waits until it answers. `None` when it ended instead.
async fn launch(address: SocketAddr, directory: &PathBuf, options: &[String]) -> Option<Child> {
    let program = std::env::var_os("PURLIN_REDIS_SERVER").unwrap_or_else(|| "redis-server".into());
    let started = Command::new(&program)
        .args(["--bind", "127.0.0.1", "--port", &address.port().to_string()])
        .args(["--save", "", "--appendonly", "no", "--dir"])
        .arg(directory)
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = started.unwrap_or_else(|error| {
        panic!(
            "cannot start {}: {error}. Run `cargo xtask test --only cargo`, which installs it, or \
             `apt-get install redis-server`",
            program.display()
        )
    });
    loop {
        if answers(address).await {
            return Some(child);
        }
        if child.try_wait().expect("the child can be asked").is_some() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn answers(address: SocketAddr) -> bool {
    let ping = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"PING\r\n").await?;
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await?;
        std::io::Result::Ok(answer == *b"+PONG")
    };
    ping.await.unwrap_or(false)
}
