//! A process that runs out of descriptors, and ten thousand clients that go at
//! once. A test binary of its own, because both concern the whole process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::{net::SocketAddr, time::Duration};

use purlin_core::Server;
use purlin_http::HttpServer;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

async fn host(server: &Server) -> SocketAddr {
    let http = HttpServer::builder(server.clone())
        .bind("127.0.0.1:0")
        .signals(false)
        .listen()
        .await
        .unwrap();
    let address = http.local_addr();
    tokio::spawn(http.serve());
    address
}

async fn is_answered(address: SocketAddr) -> bool {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.starts_with("HTTP/1.1 200")
}

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

async fn until_connections_are_gone(server: &Server) {
    let gone = async {
        while server.samples().value("mcp_http_connections", &[]) != Some(0.0) {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(60), gone).await.unwrap();
}

/// Both in one test: the limits of a process are not for tests that run beside
/// each other.
#[tokio::test]
async fn neither_the_lack_of_descriptors_nor_resets_end_the_server() {
    // The limit is the process's own and only falls.
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = Some(64);
    limit.maximum = Some(128);
    setrlimit(Resource::Nofile, limit).unwrap();
    let server = Server::builder("small", "1.0.0");
    let address = host(&server).await;
    assert!(is_answered(address).await);
    assert_eq!(
        getrlimit(Resource::Nofile).current,
        Some(128),
        "raised at the start"
    );

    let before = open_descriptors();
    let mut clients = Vec::new();
    while let Ok(client) = TcpStream::connect(address).await {
        clients.push(client);
    }
    assert!(clients.len() > 20, "{}", clients.len());
    drop(clients);
    assert!(
        is_answered(address).await,
        "it goes on when descriptors are free again"
    );
    until_connections_are_gone(&server).await;

    for _ in 0..10_000 {
        let client = TcpStream::connect(address).await.unwrap();
        // Closing it resets it.
        client.set_zero_linger().unwrap();
    }
    assert!(is_answered(address).await);
    until_connections_are_gone(&server).await;
    assert!(
        open_descriptors() <= before,
        "{} > {before}",
        open_descriptors()
    );
}
