//! Secrets that go in and must not come out: not in the log at its finest, not in
//! traces, metrics, texts of errors, `Debug` or panics.

use serde_json::{Value, json};

use crate::{
    collector::collector,
    program::{Program, Request, post},
};

/// What all of them begin with; the rest says which it is.
const CANARY: &str = "c4n4ry";

fn canary(place: &str) -> String {
    format!("{CANARY}-{place}-9f8e7d6c5b4a")
}

/// Secrets in every place of a request that is not a name.
fn loaded<'a>(request: Request<'a>, path: &'a str) -> Request<'a> {
    Request { path, ..request }
        .header("Authorization", &format!("Bearer {}", canary("bearer")))
        .header("Cookie", &format!("session={}", canary("cookie")))
        .header("X-Api-Key", &canary("key"))
        .header("baggage", &format!("user={}", canary("baggage")))
        .meta("progressToken", &canary("progress"))
        .meta("com.example/token", &canary("meta"))
}

fn check(place: &str, text: &str) {
    let leak = text.lines().find(|line| line.contains(CANARY));
    assert!(leak.is_none(), "{place} tells {}", leak.unwrap_or_default());
}

/// Opens a session, uses it, and gives its id, which is a secret as well.
async fn session(program: &Program, path: &str) -> String {
    let authorization = format!("Authorization: Bearer {}\r\n", canary("bearer"));
    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    } });
    let (head, _) = program
        .exchange(&post(path, &authorization, &initialize))
        .await;
    let head = head.to_ascii_lowercase();
    let id = head
        .lines()
        .find_map(|line| line.strip_prefix("mcp-session-id: "));
    let id = id
        .unwrap_or_else(|| panic!("no session: {head}"))
        .to_owned();
    let headers =
        format!("{authorization}Mcp-Session-Id: {id}\r\nMCP-Protocol-Version: 2025-11-25\r\n");
    for body in [
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "pay", "arguments": { "card": canary("card") },
            "_meta": { "token": canary("meta") },
        } }),
        json!({ "jsonrpc": "2.0", "id": 3, "method": "no/such" }),
    ] {
        let (_, answer) = program.exchange(&post(path, &headers, &body)).await;
        check("an answer in a session", &answer);
    }
    id
}

fn requests() -> Vec<Request<'static>> {
    let card = json!({ "card": canary("card") });
    let mut requests: Vec<_> = ["pay", "refuse", "crash", "show"]
        .into_iter()
        .map(|tool| Request::call(tool, &card))
        .collect();
    // What does not fit the schema, and what stands in no list.
    for arguments in [
        json!({ "card": { "number": canary("object") } }),
        json!({ "card": [canary("list")] }),
        json!({ "cart": canary("stray") }),
    ] {
        requests.push(Request::call("pay", &arguments));
    }
    requests.push(Request::call("nowhere", &card));
    let prompt = json!({ "name": "greet", "arguments": { "who": canary("who") } });
    requests.push(Request::new("prompts/get", prompt));
    for place in ["notes://7", "pages://archive/7", "nowhere://7"] {
        let uri = format!("{place}?token={}", canary("query"));
        requests.push(Request::new("resources/read", json!({ "uri": uri })));
    }
    requests.push(Request::new("no/such", json!({ "token": canary("param") })));
    requests.push(Request::new(
        "tools/list",
        json!({ "cursor": canary("cursor") }),
    ));
    let state = json!({ "name": "pay", "arguments": card, "requestState": canary("state") });
    requests.push(Request::new("tools/call", state));
    requests
}

/// The answer without what it repeats by its nature: the URI that was asked for.
fn told(mut answer: Value) -> String {
    if let Some(contents) = answer["result"]["contents"].as_array_mut() {
        for content in contents {
            content["uri"].take();
        }
    }
    if let Some(data) = answer["error"]["data"].as_object_mut() {
        data.remove("uri");
    }
    answer.to_string()
}

#[tokio::test]
async fn no_secret_of_a_request_comes_out_anywhere() {
    let (address, mut sent) = collector().await;
    let endpoint = format!("http://{address}");
    let program = Program::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            &format!("authorization={}", canary("collector")),
        ),
        ("MCP_KEYS", &"c4".repeat(32)),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "1"),
    ])
    .await;
    let path = format!("/mcp?access_token={}", canary("url"));
    for request in requests() {
        let place = format!(
            "the answer to {} {}",
            request.method, request.params["name"]
        );
        let answer = program.ask(loaded(request, &path)).await;
        check(&place, &told(answer));
    }
    // A body that is no message, and one of no endpoint.
    let broken = Value::from(canary("body"));
    for path in [path.as_str(), &format!("/elsewhere?{}", canary("path"))] {
        let (_, answer) = program.exchange(&post(path, "", &broken)).await;
        check("the answer to what is no message", &answer);
    }
    let session = session(&program, &path).await;
    let page = program.metrics().await;
    assert!(page.contains("mcp_tool_calls_total"), "{page}");
    check("the page of metrics", &page);
    let said = program.end().await;
    let mut exported = String::new();
    while let Ok(one) = sent.try_recv() {
        exported.push_str(&format!("{one:?}\n"));
    }

    // All of it has been told of, so there is something to look through.
    assert!(
        said.contains("\"TRACE\"") && said.contains("a card of some length"),
        "{said}"
    );
    assert!(exported.contains("tools/call pay"), "{exported}");
    assert!(exported.contains("delegate pages://"), "{exported}");
    for (place, text) in [("the log", &said), ("the collector", &exported)] {
        check(place, text);
        assert!(
            !text.contains(&session),
            "{place} tells the id of a session"
        );
        assert!(!text.contains(&"c4".repeat(32)), "{place} tells a key");
    }
}
