use std::{net::SocketAddr, sync::Arc};

use purlin_core::{
    DynamicTool, Server,
    measure::{Measure, Samples},
    protocol::Tool,
    tool::ToolResult,
};
use purlin_http::{HttpConfig, HttpServer};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;

struct Cache;

impl Measure for Cache {
    fn measure(&self, samples: &mut Samples) {
        let labels = [("kind", "a\"b\\c\nd")];
        samples.counter("shop_cache_hits_total", "Hits of the cache.", &labels, 7);
        samples.gauge("shop_cache_share", "Share of hits.", &[], 0.5);
    }
}

async fn host() -> SocketAddr {
    let server = Server::builder("shop", "1.0.0").measured(Arc::new(Cache));
    for (name, answer) in [
        (
            "good",
            (|text| ToolResult::text(text)) as fn(&str) -> ToolResult,
        ),
        ("bad", |text| ToolResult::error(text)),
    ] {
        let tool = Tool::new(name, json!({ "type": "object" }).into());
        let tool = DynamicTool::new(tool, move |_, _| async move { Ok(answer("said")) });
        server.add_tool(tool).unwrap();
    }
    let prometheus = Prometheus::new();
    let server = prometheus.around(server);
    let config = HttpConfig::new().route("/metrics", prometheus.page(&server));
    let http = HttpServer::builder(server)
        .config(config)
        .bind("127.0.0.1:0")
        .signals(false);
    let http = http.listen().await.unwrap();
    let address = http.local_addr();
    tokio::spawn(http.serve());
    address
}

async fn exchange(address: SocketAddr, request: String) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

fn call(name: &str) -> String {
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": name, "arguments": {}, "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        } },
    })
    .to_string();
    format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\n\
         Mcp-Method: tools/call\r\nMcp-Name: {name}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

const SCRAPE: &str = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_scrape_tells_exactly_what_happened() {
    let address = host().await;
    for name in ["good", "good", "bad", "nobody_offers_this", "nor_this"] {
        exchange(address, call(name)).await;
    }
    let (head, body) = exchange(address, SCRAPE.to_owned()).await;
    let content_type = "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert!(head.contains(content_type), "{head}");
    assert!(!body.contains("nobody_offers_this"), "{body}");
    let mut lines: Vec<_> = body
        .lines()
        .filter(|line| !line.starts_with("mcp_tool_duration_seconds_"))
        // Other tests of this process panic, and connections end when they like.
        .filter(|line| !line.contains("mcp_panics") && !line.starts_with("mcp_http_connections"))
        .collect();
    // The order within a metric is that of a hash map.
    lines.sort_unstable();
    check(&lines.join("\n"));
    for name in ["good", "bad", "_other"] {
        let count = format!("mcp_tool_duration_seconds_count{{tool_name=\"{name}\"}}");
        assert!(body.contains(&count), "{body}");
    }
    let infinite = "mcp_tool_duration_seconds_bucket{le=\"+Inf\",tool_name=\"good\"} 2";
    assert!(body.contains(infinite), "{body}");
    assert!(body.ends_with("# EOF\n"), "{body}");
}

/// Holds the sorted lines of a scrape against what they have to be.
fn check(lines: &str) {
    let expected = include_str!("expected.txt");
    assert_eq!(lines, expected.trim_end(), "\n{lines}");
}

#[tokio::test]
async fn a_page_is_read_only() {
    let address = host().await;
    let (head, _) = exchange(address, SCRAPE.replacen("GET", "DELETE", 1)).await;
    assert!(head.starts_with("http/1.1 405"), "{head}");
}

#[test]
fn the_number_of_tools_that_become_labels_is_bounded() {
    let prometheus = Prometheus::new();
    for index in 0..MAX_TOOLS + 10 {
        prometheus.tool_label(&format!("tool_{index}"));
    }
    assert_eq!(prometheus.tool_label("one_more")[0].1, OTHER);
    assert_eq!(prometheus.tool_label("tool_0")[0].1, "tool_0");
    assert_eq!(prometheus.0.tools.read().unwrap().len(), MAX_TOOLS);
}
