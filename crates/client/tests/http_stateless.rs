use purlin_client::http::HttpEndpoint;
use purlin_client::{Client, ErrorKind, Revision};
use serde_json::json;

use crate::peer::http::HttpPeer;
use crate::peer::{discovered, text};

async fn connected(peer: &HttpPeer) -> Client {
    let url = peer.url();
    let (client, ()) = tokio::join!(Client::connect(url), async {
        let hello = peer.expect("server/discover").await;
        assert_eq!(hello.header("mcp-protocol-version"), Some("2026-07-28"));
        assert_eq!(hello.header("mcp-method"), Some("server/discover"));
        hello.result("", &discovered()).await;
    });
    client.unwrap()
}

#[tokio::test]
async fn requests_say_in_headers_what_they_are_about() {
    let peer = HttpPeer::start().await;
    let client = connected(&peer).await;
    let (result, ()) = tokio::join!(async { client.call::<String>("grüße", ()).await }, async {
        let request = peer.expect("tools/call").await;
        assert_eq!(request.method, "POST");
        assert_eq!(request.path, "/mcp");
        assert_eq!(request.header("mcp-method"), Some("tools/call"));
        assert_eq!(request.header("mcp-name"), Some("=?base64?Z3LDvMOfZQ==?="));
        assert_eq!(
            request.header("accept"),
            Some("application/json, text/event-stream")
        );
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("mcp-session-id"), None);
        request
            .result("Mcp-Session-Id: ignored\r\n", &text("hi"))
            .await;
    });
    assert_eq!(result.unwrap(), "hi");
}

#[tokio::test]
async fn arguments_are_mirrored_once_the_tool_is_known() {
    let peer = HttpPeer::start().await;
    let client = connected(&peer).await;
    let schema = json!({"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}});
    let invalid =
        json!({"type": "object", "properties": {"a": {"type": "number", "x-mcp-header": "A"}}});
    let (tools, ()) = tokio::join!(client.list_tools(), async {
        let list = peer.expect("tools/list").await;
        let tools =
            json!([{"name": "t", "inputSchema": schema}, {"name": "bad", "inputSchema": invalid}]);
        list.result("", &json!({"tools": tools})).await;
    });
    assert_eq!(tools.unwrap().len(), 1);
    let left_out = client.left_out();
    assert_eq!(left_out[0].0, "bad");
    assert!(left_out[0].1.contains("`A`"), "{left_out:?}");
    let call = async { client.call_tool("t", json!({"region": "eu west "})).await };
    let (result, ()) = tokio::join!(call, async {
        let request = peer.expect("tools/call").await;
        assert_eq!(
            request.header("mcp-param-region"),
            Some("=?base64?ZXUgd2VzdCA=?=")
        );
        request.result("", &text("")).await;
    });
    result.unwrap();
}

/// A list of one tool that wants its argument `a` as a header.
fn one_tool(header: &str) -> serde_json::Value {
    let property = json!({"type": "string", "x-mcp-header": header});
    json!({"tools": [{"name": "t", "inputSchema": {"type": "object", "properties": {"a": property}}}]})
}

#[tokio::test]
async fn a_server_that_misses_headers_is_asked_which_and_called_again() {
    let peer = HttpPeer::start().await;
    let client = connected(&peer).await;
    let call = async { client.call::<String>("t", json!({"a": "x"})).await };
    let (result, ()) = tokio::join!(call, async {
        let request = peer.expect("tools/call").await;
        assert_eq!(request.header("mcp-param-region"), None);
        let id = request.body["id"].clone();
        let error = json!({"code": -32020, "message": "Mcp-Param-Region is missing"});
        let refusal = json!({"jsonrpc": "2.0", "id": id, "error": error});
        let json = "Content-Type: application/json\r\n";
        request.status(400, json, &refusal.to_string()).await;
        let list = peer.expect("tools/list").await;
        list.result("", &one_tool("Region")).await;
        let request = peer.expect("tools/call").await;
        assert_eq!(request.header("mcp-param-region"), Some("x"));
        assert_ne!(request.body["id"], id);
        request.result("", &text("hi")).await;
    });
    assert_eq!(result.unwrap(), "hi");
}

#[tokio::test]
async fn a_server_that_always_misses_headers_is_believed() {
    let peer = HttpPeer::start().await;
    let client = connected(&peer).await;
    let call = async { client.call_tool("t", json!({"a": "x"})).await };
    let refuse = async || {
        let request = peer.expect("tools/call").await;
        let error = json!({"code": -32020, "message": "no"});
        let refusal = json!({"jsonrpc": "2.0", "id": request.body["id"], "error": error});
        let json = "Content-Type: application/json\r\n";
        request.status(400, json, &refusal.to_string()).await;
    };
    let (result, ()) = tokio::join!(call, async {
        refuse().await;
        let list = peer.expect("tools/list").await;
        list.result("", &one_tool("Region")).await;
        refuse().await;
    });
    assert_eq!(result.unwrap_err().code(), Some(-32020));
}

#[tokio::test]
async fn an_answer_may_come_as_a_stream() {
    let peer = HttpPeer::start().await;
    let client = connected(&peer).await;
    let steps = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&steps);
    let call = async {
        client
            .call::<String>("slow", ())
            .on_progress(move |step| seen.lock().unwrap().push(step.progress))
            .await
    };
    let (result, ()) = tokio::join!(call, async {
        let mut request = peer.expect("tools/call").await;
        let token = request.body["params"]["_meta"]["progressToken"].clone();
        request.events().await;
        request.raw(": keep-alive\n\n").await;
        let progress = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": token, "progress": 1}});
        request.event("", &progress).await;
        let id = request.body["id"].clone();
        request
            .event(
                "",
                &json!({"jsonrpc": "2.0", "id": id, "result": text("done")}),
            )
            .await;
    });
    assert_eq!(result.unwrap(), "done");
    assert_eq!(*steps.lock().unwrap(), [1.0]);
}

#[tokio::test]
async fn a_dropped_call_closes_its_stream_and_says_nothing() {
    let peer = HttpPeer::start().await;
    let client = connected(&peer).await;
    let call = client.call_tool("slow", ()).into_future();
    let request = tokio::select! {
        _ = call => panic!("nobody answered"),
        request = async {
            let mut request = peer.expect("tools/call").await;
            request.events().await;
            request
        } => request,
    };
    request.closed().await;
    let (result, ()) = tokio::join!(async { client.call::<String>("t", ()).await }, async {
        // The very next request is the next call.
        peer.expect("tools/call")
            .await
            .result("", &text("hi"))
            .await;
    });
    assert_eq!(result.unwrap(), "hi");
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_an_error_here() {
    let peer = HttpPeer::start().await;
    let client = connected(&peer).await;
    let (result, ()) = tokio::join!(async { client.call_tool("slow", ()).await }, async {
        let mut request = peer.expect("tools/call").await;
        request.events().await;
        request.raw("id: 1\ndata:\n\n").await;
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Transport);
}

#[tokio::test]
async fn a_call_that_may_be_made_twice_is_made_again_when_the_connection_broke() {
    let peer = HttpPeer::start().await;
    let client = connected(&peer).await;
    let call = async { client.call::<String>("t", ()).repeat(1).await };
    let (result, ()) = tokio::join!(call, async {
        let mut request = peer.expect("tools/call").await;
        let first = request.body["id"].clone();
        request.events().await;
        drop(request);
        let request = peer.expect("tools/call").await;
        assert_ne!(request.body["id"], first);
        request.result("", &text("hi")).await;
    });
    assert_eq!(result.unwrap(), "hi");
    let call = async { client.call::<String>("t", ()).repeat(1).await };
    let (result, ()) = tokio::join!(call, async {
        for _ in 0..2 {
            drop(peer.expect("tools/call").await);
        }
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Transport);
}

#[tokio::test]
async fn an_error_body_is_the_answer_whatever_the_status() {
    let peer = HttpPeer::start().await;
    let client = connected(&peer).await;
    for (status, code) in [(404, -32601), (400, -32602), (200, -32602), (500, -32603)] {
        let (result, ()) = tokio::join!(async { client.call_tool("t", ()).await }, async {
            let request = peer.expect("tools/call").await;
            let body = json!({"jsonrpc": "2.0", "id": request.body["id"], "error": {"code": code, "message": "no"}});
            request
                .status(
                    status,
                    "Content-Type: application/json\r\n",
                    &body.to_string(),
                )
                .await;
        });
        assert_eq!(result.unwrap_err().code(), Some(code), "{status}");
    }
}

#[tokio::test]
async fn other_answers_are_typed_errors() {
    let peer = HttpPeer::start().await;
    let client = connected(&peer).await;
    let body =
        json!({"jsonrpc": "2.0", "id": 2, "error": {"code": 1, "message": "no"}}).to_string();
    for (status, headers, body, kind) in [
        (
            401,
            "WWW-Authenticate: Bearer x=\"y\"\r\n",
            body.as_str(),
            ErrorKind::Unauthorized,
        ),
        (403, "", "", ErrorKind::Unauthorized),
        (500, "", "oops", ErrorKind::HttpStatus),
        (302, "Location: /other\r\n", "", ErrorKind::HttpStatus),
        (
            307,
            "Location: http://127.0.0.1:1/mcp\r\n",
            "",
            ErrorKind::Transport,
        ),
        (
            200,
            "Content-Type: text/html\r\n",
            "<html>",
            ErrorKind::Protocol,
        ),
        (
            200,
            "Content-Type: application/json\r\n",
            "{",
            ErrorKind::Protocol,
        ),
        (202, "", "", ErrorKind::Protocol),
    ] {
        let (result, ()) = tokio::join!(async { client.call_tool("t", ()).await }, async {
            peer.expect("tools/call")
                .await
                .status(status, headers, body)
                .await;
        });
        let error = result.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {error}");
        assert_eq!(error.challenge().is_some(), status == 401);
    }
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_with_its_headers() {
    let peer = HttpPeer::start().await;
    let endpoint = HttpEndpoint::new(&peer.url())
        .unwrap()
        .header("x-key", "secret")
        .unwrap();
    assert!(!format!("{endpoint:?}").contains("secret"));
    let (client, ()) = tokio::join!(Client::connect(endpoint), async {
        peer.expect("server/discover")
            .await
            .status(307, "Location: /v2/mcp\r\n", "")
            .await;
        let hello = peer.expect("server/discover").await;
        assert_eq!(
            (hello.path.as_str(), hello.header("x-key")),
            ("/v2/mcp", Some("secret"))
        );
        hello.result("", &discovered()).await;
    });
    assert_eq!(client.unwrap().revision(), Revision::V2026_07_28);
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused() {
    let peer = HttpPeer::start().await;
    let endpoint = HttpEndpoint::new(&peer.url()).unwrap().max_message(1000);
    let (client, ()) = tokio::join!(Client::connect(endpoint), async {
        peer.expect("server/discover")
            .await
            .result("", &discovered())
            .await;
    });
    let client = client.unwrap();
    let (result, ()) = tokio::join!(async { client.call_tool("t", ()).await }, async {
        peer.expect("tools/call")
            .await
            .result("", &text(&"x".repeat(2000)))
            .await;
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_transport_error() {
    let url = HttpPeer::start().await.url();
    assert_eq!(
        Client::connect(url).await.unwrap_err().kind(),
        ErrorKind::Transport
    );
    assert_eq!(
        Client::connect("ftp://x/").await.unwrap_err().kind(),
        ErrorKind::Unsupported
    );
    assert_eq!(
        Client::connect("/mcp").await.unwrap_err().kind(),
        ErrorKind::Transport
    );
}

#[tokio::test]
async fn a_closed_client_ends_its_calls_and_makes_no_more() {
    let peer = HttpPeer::start().await;
    let client = connected(&peer).await;
    let call = tokio::spawn(client.call_tool("slow", ()).into_future());
    let request = peer.expect("tools/call").await;
    client.close().await;
    let failure = call.await.unwrap().unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Closed, "{failure}");
    request.closed().await;
    let failure = client.call_tool("slow", ()).await.unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Closed, "{failure}");
}
