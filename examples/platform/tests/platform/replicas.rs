//! Several processes on one PostgreSQL and one Redis, and behind nginx, as compose
//! runs them.

use std::{net::SocketAddr, process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

use crate::{nginx::Nginx, postgres::Database, redis::RedisServer};

/// One process of the platform, which ends with the test.
struct Replica {
    child: Child,
    address: SocketAddr,
}

impl Replica {
    async fn start(database: &Database, redis: &RedisServer) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_platform"))
            .args(["--port", "0"])
            .env_clear()
            .env("MCP_PROFILE", "prod")
            .env("DATABASE_URL", database.url())
            .env("REDIS_URL", format!("redis://{}/", redis.address()))
            .env("RATE_LIMIT", "1000/minute")
            .env("ENABLE_METRICS", "true")
            .env("REPLICATED", "true")
            .env("MCP_KEYS", "5a".repeat(32))
            .current_dir(database.directory())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = said
                .next_line()
                .await
                .unwrap()
                .expect("it says where it is");
            if let Some((_, rest)) = line.split_once("http://") {
                let (address, _) = rest.split_once('/').unwrap();
                break address.parse().unwrap();
            }
        };
        // Whatever it says further, somebody has to read.
        tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });
        Self { child, address }
    }

    async fn get(&self, path: &str) -> String {
        get(self.address, path).await
    }

    async fn open(&self) -> String {
        open(self.address).await
    }

    async fn call(&self, session: &str, tool: &str, quantity: u32) -> String {
        call(self.address, session, tool, quantity).await
    }

    /// Asks until it is ready, or until it is not.
    async fn until_ready(&self, ready: bool) {
        let asked = async {
            while self.get("/ready").await.starts_with("HTTP/1.1 200") != ready {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let patience = Duration::from_secs(60);
        let found = tokio::time::timeout(patience, asked).await;
        assert!(found.is_ok(), "it should become ready: {ready}");
    }
}

/// The whole answer to a request, head and body.
async fn ask(to: SocketAddr, first: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let length = body.len();
    let request = format!(
        "{first} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn get(from: SocketAddr, path: &str) -> String {
    ask(from, &format!("GET {path}"), "", "").await
}

async fn post(to: SocketAddr, session: Option<&str>, message: Value) -> String {
    let mut headers = "Content-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\n"
        .to_owned();
    if let Some(session) = session {
        headers += &format!("Mcp-Session-Id: {session}\r\nMCP-Protocol-Version: 2025-11-25\r\n");
    }
    ask(to, "POST /mcp", &headers, &message.to_string()).await
}

/// Opens a session.
async fn open(at: SocketAddr) -> String {
    let initialize = json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1.0.0" },
        },
    });
    let answer = post(at, None, initialize).await;
    let header = answer
        .lines()
        .find_map(|line| line.strip_prefix("mcp-session-id: "));
    let session = header.unwrap_or_else(|| panic!("{answer}")).to_owned();
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    post(at, Some(&session), ready).await;
    session
}

async fn call(to: SocketAddr, session: &str, tool: &str, quantity: u32) -> String {
    let arguments = json!({ "sku": "FST-001", "quantity": quantity });
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": tool, "arguments": arguments },
    });
    post(to, Some(session), call).await
}

#[tokio::test]
async fn replicas_share_stock_and_sessions_and_tell_how_they_are() {
    let (mut database, mut redis) = (Database::start().await, RedisServer::start().await);
    let one = Replica::start(&database, &redis).await;
    let other = Replica::start(&database, &redis).await;
    one.until_ready(true).await;

    let session = one.open().await;
    let filled = one.call(&session, "inventory_fill_basket", 2).await;
    assert!(filled.contains(r#""FST-001":2"#), "{filled}");
    let filled = other.call(&session, "inventory_fill_basket", 3).await;
    assert!(filled.contains(r#""FST-001":5"#), "{filled}");

    let pieces = |answer: &str| {
        let (_, rest) = answer.split_once(r#""quantity":"#).expect(answer);
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
        digits.unwrap().parse::<u32>().unwrap()
    };
    let before = pieces(&one.call(&session, "inventory_reserve", 1).await);
    let after = pieces(&other.call(&session, "inventory_reserve", 4).await);
    assert_eq!(after, before - 4);

    let metrics = other.get("/metrics").await;
    for line in [
        r#"mcp_tool_calls_total{tool_name="inventory_fill_basket"} 1"#,
        r#"mcp_tool_calls_total{tool_name="inventory_reserve"} 1"#,
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }

    redis.kill();
    one.until_ready(false).await;
    let told = one.get("/ready").await;
    assert!(told.contains("\"redis\""), "{told}");
    redis.revive().await;
    one.until_ready(true).await;

    database.kill().await;
    one.until_ready(false).await;
    let told = one.get("/ready").await;
    assert!(told.contains("database"), "{told}");
}

#[tokio::test]
async fn a_session_goes_on_behind_nginx_whichever_replica_is_asked_and_when_one_dies() {
    let (database, redis) = (Database::start().await, RedisServer::start().await);
    let mut replicas = Vec::new();
    for _ in 0..3 {
        replicas.push(Replica::start(&database, &redis).await);
    }
    let addresses: Vec<_> = replicas.iter().map(|one| one.address).collect();
    let nginx = Nginx::before(&addresses).await;
    let front = nginx.address;

    let session = open(front).await;
    for pieces in 1..=6 {
        let filled = call(front, &session, "inventory_fill_basket", 1).await;
        assert!(
            filled.contains(&format!(r#""FST-001":{pieces}"#)),
            "{filled}"
        );
    }
    for replica in &replicas {
        let metrics = replica.get("/metrics").await;
        let line = r#"mcp_tool_calls_total{tool_name="inventory_fill_basket"} 2"#;
        assert!(metrics.contains(line), "{metrics}");
    }
    let hidden = get(front, "/metrics").await;
    assert!(hidden.starts_with("HTTP/1.1 404"), "{hidden}");

    // Until it is gone: what a dying one has taken, it may have done.
    replicas.pop().unwrap().child.kill().await.unwrap();
    for pieces in 7..=12 {
        let filled = call(front, &session, "inventory_fill_basket", 1).await;
        assert!(
            filled.contains(&format!(r#""FST-001":{pieces}"#)),
            "{filled}"
        );
    }
}
