use purlin::{Server, prelude::*, protocol::CacheScope};
use serde_json::{Value, json};

use crate::wire::{Wire, code};

/// Five tools and two prompts.
#[mcp_server(allow(missing_description))]
mod five {
    #[mcp_tool]
    fn e() {}
    #[mcp_tool]
    fn b() {}
    #[mcp_tool]
    fn d() {}
    #[mcp_tool]
    fn a() {}
    #[mcp_tool]
    fn c() {}
    #[mcp_prompt]
    fn p() -> &'static str {
        "p"
    }
    #[mcp_prompt]
    fn q() -> &'static str {
        "q"
    }
}

fn names(answer: &Value) -> Vec<String> {
    let tools = answer["result"]["tools"].as_array().unwrap();
    tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn lists_keep_their_order_and_pages_make_up_the_whole() {
    let whole = Wire::stateless(five::Server).await;
    let whole = names(&whole.modern("tools/list", json!({})).await);
    assert_eq!(whole, ["e", "b", "d", "a", "c"]);
    let server = five::Server
        .into_server()
        .page_size(2)
        .cache_hints(std::time::Duration::from_secs(5), CacheScope::Public);
    let wire = Wire::stateless(server).await;
    let mut found = Vec::new();
    let mut params = json!({});
    loop {
        let page = wire.modern("tools/list", params).await;
        found.extend(names(&page));
        // The scope is the same on every page.
        assert_eq!(page["result"]["cacheScope"], "public");
        assert_eq!(page["result"]["ttlMs"], 5000);
        match page["result"].get("nextCursor") {
            Some(cursor) => params = json!({ "cursor": cursor }),
            None => break,
        }
    }
    assert_eq!(found, whole);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_list_alone() {
    let wire = Wire::stateless(five::Server.into_server().page_size(1)).await;
    let page = wire.modern("tools/list", json!({})).await;
    let cursor = page["result"]["nextCursor"].clone();
    assert!(cursor.is_string(), "{page}");
    for (method, cursor) in [
        ("prompts/list", cursor.clone()),
        ("tools/list", json!("")),
        ("tools/list", json!("1")),
        ("tools/list", json!(1)),
        (
            "tools/list",
            json!(format!("{}x", cursor.as_str().unwrap())),
        ),
    ] {
        let answer = wire.modern(method, json!({ "cursor": cursor })).await;
        assert_eq!(code(&answer), -32602, "{method} {cursor}");
    }
    // Sessions and stateless requests page alike.
    let wire = Wire::session(wire.server.clone(), "2025-03-26", json!({})).await;
    let next = wire.bare("tools/list", json!({ "cursor": cursor })).await;
    assert_eq!(names(&next), ["b"]);
}

#[tokio::test]
async fn what_is_not_offered_is_not_declared_and_not_there() {
    let wire = Wire::stateless(Server::builder("empty", "1.0.0")).await;
    let discovered = wire.modern("server/discover", json!({})).await;
    let capabilities = &discovered["result"]["capabilities"];
    for (capability, methods) in [
        ("tools", &["tools/list"][..]),
        ("prompts", &["prompts/list"]),
        ("resources", &["resources/list", "resources/templates/list"]),
        ("completions", &["completion/complete"]),
    ] {
        assert_eq!(capabilities.get(capability), None, "{discovered}");
        for method in methods {
            let params = json!({
                "ref": { "type": "ref/prompt", "name": "x" },
                "argument": { "name": "x", "value": "" },
            });
            assert_eq!(code(&wire.modern(method, params).await), -32601, "{method}");
        }
    }
}

#[tokio::test]
async fn the_scope_is_private_unless_said_otherwise() {
    let wire = Wire::stateless(five::Server).await;
    for method in ["server/discover", "tools/list", "prompts/list"] {
        let answer = wire.modern(method, json!({})).await;
        assert_eq!(answer["result"]["cacheScope"], "private", "{method}");
        assert_eq!(answer["result"]["ttlMs"], 0, "{method}");
    }
}
