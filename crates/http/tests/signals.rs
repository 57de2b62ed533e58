//! What the signals of a process do to the server it hosts. A test binary of
//! its own, because signals reach the whole process.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::{sync::Arc, time::Duration};

use purlin_core::{DynamicTool, Server, protocol::Tool, tool::ToolResult};
use purlin_http::HttpServer;
use rustix::process::{Signal, getpid, kill_process};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
};

/// A server with one tool that begins and never ends.
fn server(started: Arc<Semaphore>) -> Server {
    let server = Server::builder("signals", "1.0.0").timeout(None);
    let tool = Tool::new("forever", json!({ "type": "object" }).into());
    let tool = DynamicTool::new(tool, move |_, _| {
        let started = started.clone();
        async move {
            started.add_permits(1);
            std::future::pending::<()>().await;
            Ok(ToolResult::text("never"))
        }
    });
    server.add_tool(tool).unwrap();
    server
}

fn call() -> String {
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "forever", "arguments": {}, "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        } },
    })
    .to_string();
    format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: forever\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn the_first_signal_drains_and_the_second_ends_at_once() {
    let started = Arc::new(Semaphore::new(0));
    let server = server(started.clone());
    let http = HttpServer::builder(server.clone())
        .bind("127.0.0.1:0")
        .grace(Duration::from_secs(3600))
        .listen()
        .await
        .unwrap();
    let address = http.local_addr();
    let task = tokio::spawn(http.serve());
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(call().as_bytes()).await.unwrap();
    started.acquire().await.unwrap().forget();

    kill_process(getpid(), Signal::TERM).unwrap();
    server.draining().await;
    assert!(!task.is_finished(), "the call in flight keeps the server");
    kill_process(getpid(), Signal::INT).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.contains("shutting down"),
        "{answer}"
    );
    task.await.unwrap().unwrap();
}
