//! One limit of several servers, while their store is there and while it is not.

use std::{sync::Arc, time::Duration};

use purlin::{
    DynamicTool, Origin, Principal, Server, ToolResult, TransportKind,
    access::{SharedLimits, SharedStatistics},
    middleware::RateLimit,
    protocol::Tool,
    transport::memory,
};
use purlin_stores::Redis;
use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use crate::redis::RedisServer;

/// How many calls of each caller the limit lets through at once. The rate is so
/// low that nothing is paid back during a test.
const BURST: u32 = 8;

/// One of two servers that share a limit.
struct Limited {
    server: Server,
    shared: SharedLimits,
}

impl Limited {
    fn new(redis: &RedisServer) -> Self {
        let store = Redis::builder(format!("redis://{}/", redis.address()));
        let shared = SharedLimits::new(Arc::new(store.build().unwrap())).replicas(2);
        let rate = "8/day".parse().unwrap();
        let limits = RateLimit::none().principal(rate, BURST);
        let server = Server::builder("limited", "1.0.0").middleware(limits.shared(shared.clone()));
        let tool = Tool::new("work", json!({ "type": "object" }).into());
        let work = |_, _| async { Ok(ToolResult::text("done")) };
        server.add_tool(DynamicTool::new(tool, work)).unwrap();
        Self { server, shared }
    }

    /// How many of so many calls of a caller pass. The others are refused with
    /// the time to come back.
    async fn passed(&self, caller: &str, calls: u32) -> u32 {
        let origin = Origin::new(TransportKind::Http).with_principal(Principal::new(caller));
        let link = memory::connect_from(&self.server, origin).await.unwrap();
        let mut passed = 0;
        for id in 0..calls {
            link.send(call(id).to_string().into_bytes());
            let answer = link.recv().await.unwrap();
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            match answer.get("error") {
                None => passed += 1,
                Some(error) => assert!(error["data"]["retryAfterMs"].is_u64(), "{answer}"),
            }
        }
        passed
    }

    fn statistics(&self) -> SharedStatistics {
        self.shared.statistics()
    }

    /// Comes again and again until the server has found its store.
    async fn until_found(&self) {
        let mut ticks = interval(Duration::from_millis(20));
        while self.statistics().away {
            ticks.tick().await;
            self.passed("somebody else", 1).await;
        }
    }
}

fn call(id: u32) -> Value {
    json!({
        "jsonrpc": "2.0", "id": id, "method": "tools/call",
        "params": { "name": "work", "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        } },
    })
}

#[tokio::test]
async fn two_servers_share_a_limit_and_split_it_while_the_store_is_away() {
    let mut redis = RedisServer::start().await;
    let (one, other) = (Limited::new(&redis), Limited::new(&redis));
    for server in [&one, &other] {
        // The first connection is made; on a busy machine it may be late.
        server.passed("somebody else", 1).await;
        server.until_found().await;
    }
    assert_eq!(one.passed("alice", 5).await, 5);
    assert_eq!(other.passed("alice", BURST).await, BURST - 5);
    assert_eq!(one.passed("alice", 1).await, 0);

    redis.kill();
    for server in [&one, &other] {
        let before = server.statistics();
        assert!(!before.away);
        assert_eq!(server.passed("bob", BURST).await, BURST / 2);
        let statistics = server.statistics();
        assert!(statistics.away);
        assert_eq!(statistics.outages, before.outages + 1);
        assert_eq!(statistics.fallbacks, before.fallbacks + u64::from(BURST));
        let samples = server.server.samples();
        assert_eq!(samples.value("mcp_limiter_store_away", &[]), Some(1.0));
        let alarms = samples.value("mcp_limiter_outages_total", &[]);
        assert!(alarms.is_some_and(|alarms| alarms >= 1.0));
    }

    redis.restart().await;
    let found = async {
        one.until_found().await;
        other.until_found().await;
    };
    timeout(Duration::from_secs(30), found).await.unwrap();
    assert_eq!(one.passed("carol", 5).await, 5);
    assert_eq!(other.passed("carol", BURST).await, BURST - 5);
    let samples = one.server.samples();
    assert_eq!(samples.value("mcp_limiter_store_away", &[]), Some(0.0));
}
