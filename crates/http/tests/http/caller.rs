use std::{
    future::poll_fn,
    pin::pin,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as _;
use purlin_core::{
    DynamicTool, Extensions, Principal, Rate, Server, protocol::Tool, tool::ToolResult,
};
use purlin_http::{Body, HttpConfig, StreamableHttp};
use serde_json::{Value, json};

use crate::fixture::{Fixture, Hosted, MODERN, initialize, modern_body, modern_call};

/// What a layer has found out.
#[derive(Clone)]
struct Region(&'static str);

/// What a layer knows how to hand over by itself.
struct Depth(u8);

/// A server of one tool, which says who calls and what came with the call.
fn who(demand: impl FnOnce(DynamicTool) -> DynamicTool) -> StreamableHttp {
    let schema = json!({ "type": "object" });
    let tool = DynamicTool::new(Tool::new("who", schema.into()), |cx, _| async move {
        let caller = cx.principal().map_or("nobody", Principal::subject);
        let region = cx
            .extension::<Region>()
            .map_or("nowhere", |region| region.0);
        let depth = cx.extension::<Depth>().map_or(0, |depth| depth.0);
        Ok(ToolResult::text(format!("{caller} {region} {depth}")))
    });
    let server = Server::builder("who", "1.0.0");
    server.add_tool(demand(tool)).unwrap();
    let config = HttpConfig::new().extension::<Region>();
    StreamableHttp::with_config(server, config).unwrap()
}

async fn ask(
    endpoint: &StreamableHttp,
    left: impl FnOnce(&mut http::Extensions),
) -> Response<Body> {
    let mut request = Request::post("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", MODERN)
        .header("mcp-method", "tools/call")
        .header("mcp-name", "who")
        .body(Body::from(Bytes::from(modern_body(
            "tools/call",
            json!({ "name": "who" }),
        ))))
        .unwrap();
    left(request.extensions_mut());
    endpoint.handle(request).await
}

async fn body(response: Response<Body>) -> Value {
    let mut body = pin!(response.into_body());
    let frame = poll_fn(|cx| body.as_mut().poll_frame(cx)).await;
    let whole = frame.unwrap().unwrap().into_data().unwrap();
    serde_json::from_slice(&whole).unwrap()
}

async fn said(response: Response<Body>) -> String {
    let body = body(response).await;
    body["result"]["content"][0]["text"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn what_layers_leave_reaches_handlers() {
    let endpoint = who(|tool| tool);
    assert_eq!(said(ask(&endpoint, |_| {}).await).await, "nobody nowhere 0");
    let answer = ask(&endpoint, |left| {
        left.insert(Principal::new("alice"));
        left.insert(Region("north"));
        let shared = Extensions::new();
        shared.insert(Depth(3));
        left.insert(Arc::new(shared));
    });
    assert_eq!(said(answer.await).await, "alice north 3");
}

#[tokio::test]
async fn a_stranger_is_told_to_authenticate_and_a_caller_what_it_lacks() {
    let endpoint = who(|tool| tool.scopes(["who"]));
    let stranger = ask(&endpoint, |_| {}).await;
    assert_eq!(stranger.status(), 401);
    assert_eq!(stranger.headers()["www-authenticate"], "Bearer");
    let known = ask(&endpoint, |left| {
        left.insert(Principal::new("alice"));
    });
    let known = known.await;
    assert_eq!(known.status(), 403);
    let error = &body(known).await["error"];
    assert_eq!(error["data"]["missingScopes"], json!(["who"]));
    let granted = ask(&endpoint, |left| {
        left.insert(Principal::new("alice").with_scopes(["who"]));
    });
    assert_eq!(granted.await.status(), 200);
}

#[tokio::test]
async fn who_comes_too_often_is_told_when_to_come_again() {
    let endpoint = who(|tool| tool.rate_limit(Rate::new(1, Duration::from_secs(3_600))));
    assert_eq!(ask(&endpoint, |_| {}).await.status(), 200);
    let early = ask(&endpoint, |_| {}).await;
    assert_eq!(early.status(), 429);
    assert_eq!(early.headers()["retry-after"], "3600");
    assert_eq!(body(early).await["error"]["code"], 429);
}

/// A server of a tool that everybody may call twice an hour.
async fn rarely(config: HttpConfig) -> Hosted {
    let fixture = Fixture::new();
    let hourly = Rate::new(2, Duration::from_secs(3_600));
    let schema = json!({ "type": "object" });
    let tool = DynamicTool::new(Tool::new("rare", schema.into()), |_, _| async {
        Ok(ToolResult::text("ok"))
    });
    fixture.server.add_tool(tool.rate_limit(hourly)).unwrap();
    fixture.host_config(config).await
}

#[tokio::test]
async fn strangers_are_counted_by_their_address() {
    let hosted = rarely(HttpConfig::new()).await;
    // A connection each: that alone makes nobody another caller.
    for expected in [200, 200, 429] {
        assert_eq!(hosted.status(modern_call("rare")).await, expected);
    }
}

/// A call that says whom it is from.
fn forwarded(lines: &str) -> String {
    let host = "Host: localhost\r\n";
    modern_call("rare").replacen(host, &format!("{host}{lines}"), 1)
}

#[tokio::test]
async fn strangers_behind_a_trusted_proxy_are_counted_by_their_own_address() {
    let hosted = rarely(HttpConfig::new().trusted_proxies(["127.0.0.0/8"])).await;
    for (from, expected) in [
        ("X-Forwarded-For: 192.0.2.1\r\n", 200),
        ("Forwarded: for=\"192.0.2.1:80\"\r\n", 200),
        // What the caller has written itself makes nobody of it.
        ("X-Forwarded-For: 192.0.2.77, 192.0.2.1\r\n", 429),
        ("X-Forwarded-For: 192.0.2.2\r\n", 200),
        ("X-Forwarded-For: unknown\r\n", 200),
        ("", 200),
        (
            "Forwarded: for=192.0.2.3\r\nX-Forwarded-For: 192.0.2.4\r\n",
            429,
        ),
    ] {
        assert_eq!(hosted.status(forwarded(from)).await, expected, "{from}");
    }
}

#[tokio::test]
async fn nobody_but_a_trusted_proxy_says_whose_a_request_is() {
    for config in [
        HttpConfig::new(),
        HttpConfig::new().trusted_proxies(["10.0.0.0/8"]),
    ] {
        let hosted = rarely(config).await;
        for (host, expected) in [(1, 200), (2, 200), (3, 429)] {
            let from = format!("X-Forwarded-For: 192.0.2.{host}\r\n");
            assert_eq!(hosted.status(forwarded(&from)).await, expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_stream_of_a_session_ends_with_the_token_of_who_listens() {
    let endpoint = who(|tool| tool);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let alice = Principal::new("alice").with_claim("exp", now.as_secs() + 600);
    let request = |method: &str| {
        Request::builder()
            .method(method)
            .uri("/mcp")
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .extension(alice.clone())
    };
    let body = Body::from(Bytes::from(initialize("2025-11-25")));
    let opened = endpoint.handle(request("POST").body(body).unwrap()).await;
    let session = opened.headers()["mcp-session-id"].clone();
    let get = request("GET").header("mcp-session-id", session);
    let stream = endpoint
        .handle(get.body(Body::from(Bytes::new())).unwrap())
        .await;
    assert_eq!(stream.status(), 200);
    let started = tokio::time::Instant::now();
    let mut body = pin!(stream.into_body());
    // What keeps it alive, until it ends.
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        frame.unwrap();
    }
    // Clocks differ by a minute.
    let lasted = started.elapsed().as_secs();
    assert!((650..=660).contains(&lasted), "{lasted}");
}
