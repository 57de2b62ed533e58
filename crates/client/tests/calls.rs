use std::sync::{Arc, Mutex};
use std::time::Duration;

use purlin_client::protocol::LogLevel;
use purlin_client::{Client, Direction, ErrorKind, Revision};
use serde_json::{Value, json};

use crate::peer::{ERAS, Peer, connected, text};

async fn answer_calls(peer: &Peer, count: usize) {
    let mut waiting = Vec::new();
    for _ in 0..count {
        waiting.push(peer.expect("tools/call").await);
    }
    // In the opposite order, as answers may come in any.
    for request in waiting.iter().rev() {
        peer.answer(
            request,
            &text(&request["params"]["arguments"]["n"].to_string()),
        );
    }
}

#[tokio::test]
async fn concurrent_calls_each_get_their_own_answer() {
    for revision in ERAS {
        let (client, peer) = connected(Client::builder(), revision).await;
        let call = |n: i64| client.call::<i64>("echo", json!({"n": n}));
        let (one, two, three, ()) = tokio::join!(
            async { call(1).await.unwrap() },
            async { call(2).await.unwrap() },
            async { call(3).await.unwrap() },
            answer_calls(&peer, 3),
        );
        assert_eq!((one, two, three), (1, 2, 3));
    }
}

#[tokio::test]
async fn a_dropped_call_is_cancelled_at_the_server() {
    for revision in ERAS {
        let (client, peer) = connected(Client::builder(), revision).await;
        let call = client.call_tool("slow", ()).into_future();
        let request = tokio::select! {
            _ = call => panic!("nobody answered"),
            request = peer.expect("tools/call") => request,
        };
        let cancelled = peer.expect("notifications/cancelled").await;
        assert_eq!(cancelled["params"]["requestId"], request["id"]);
        // An answer that comes too late is nobody's.
        peer.answer(&request, &text("late"));
        let (echo, ()) = tokio::join!(
            async { client.call::<i64>("echo", json!({"n": 7})).await },
            answer_calls(&peer, 1)
        );
        assert_eq!(echo.unwrap(), 7);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_takes_too_long_fails_and_is_cancelled() {
    for revision in ERAS {
        let (client, peer) = connected(Client::builder(), revision).await;
        let call = async {
            client
                .call_tool("slow", ())
                .timeout(Duration::from_millis(10))
                .await
        };
        let (result, request) = tokio::join!(call, peer.expect("tools/call"));
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Timeout);
        let cancelled = peer.expect("notifications/cancelled").await;
        assert_eq!(cancelled["params"]["requestId"], request["id"]);
    }
}

#[tokio::test]
async fn calls_in_flight_fail_when_the_server_goes() {
    let (client, peer) = connected(Client::builder(), Revision::V2026_07_28).await;
    let call = async { client.call_tool("slow", ()).await };
    let (result, ()) = tokio::join!(call, async {
        peer.expect("tools/call").await;
        drop(peer);
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(
        client.call_tool("slow", ()).await.unwrap_err().kind(),
        ErrorKind::Closed
    );
}

#[tokio::test]
async fn an_error_object_keeps_its_code_and_data() {
    let (client, peer) = connected(Client::builder(), Revision::V2026_07_28).await;
    let read = async { client.read_resource("data://x").await };
    let (result, ()) = tokio::join!(read, async {
        let request = peer.expect("resources/read").await;
        peer.refuse(&request, -32602, &json!({"uri": "data://x"}));
    });
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rpc, Some(-32602)));
    assert_eq!(error.rpc().unwrap().data, Some(json!({"uri": "data://x"})));
}

#[tokio::test]
async fn progress_and_logs_reach_the_call_they_belong_to() {
    for revision in ERAS {
        let (client, peer) = connected(Client::builder(), revision).await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (steps, lines) = (Arc::clone(&seen), Arc::clone(&seen));
        let call = async {
            client
                .call_tool("slow", ())
                .on_progress(move |step| steps.lock().unwrap().push(step.progress.to_string()))
                .on_log(move |line| lines.lock().unwrap().push(line.data.to_string()))
                .await
        };
        let (result, ()) = tokio::join!(call, async {
            let request = peer.expect("tools/call").await;
            let meta = &request["params"]["_meta"];
            if revision.is_modern() {
                assert_eq!(meta["io.modelcontextprotocol/logLevel"], "debug");
            }
            let token = &meta["progressToken"];
            for (method, params) in [
                (
                    "notifications/progress",
                    json!({"progressToken": token, "progress": 1}),
                ),
                (
                    "notifications/progress",
                    json!({"progressToken": 999, "progress": 9}),
                ),
                (
                    "notifications/message",
                    json!({"level": "info", "data": "line"}),
                ),
                (
                    "notifications/progress",
                    json!({"progressToken": token, "progress": 2.5}),
                ),
            ] {
                peer.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
            }
            peer.answer(&request, &text("done"));
        });
        result.unwrap();
        assert_eq!(*seen.lock().unwrap(), ["1", "\"line\"", "2.5"]);
    }
}

#[tokio::test]
async fn the_log_level_is_set_once_or_said_with_every_request() {
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let (set, ()) = tokio::join!(client.set_level(LogLevel::Warning), async {
        let request = peer.expect("logging/setLevel").await;
        assert_eq!(request["params"], json!({"level": "warning"}));
        peer.answer(&request, &json!({}));
    });
    set.unwrap();

    let (client, peer) = connected(Client::builder(), Revision::V2026_07_28).await;
    client.set_level(LogLevel::Warning).await.unwrap();
    let call = async { client.call_tool("t", ()).await };
    let (result, ()) = tokio::join!(call, async {
        let request = peer.expect("tools/call").await;
        assert_eq!(
            request["params"]["_meta"]["io.modelcontextprotocol/logLevel"],
            "warning"
        );
        peer.answer(&request, &text(""));
    });
    result.unwrap();
}

#[tokio::test]
async fn lists_are_followed_to_their_last_page() {
    for revision in ERAS {
        let (client, peer) = connected(Client::builder(), revision).await;
        let tool = |name: &str| json!({"name": name, "inputSchema": {"type": "object"}});
        let (tools, ()) = tokio::join!(client.list_tools(), async {
            let first = peer.expect("tools/list").await;
            assert!(first["params"].get("cursor").is_none(), "{first}");
            // The empty string is a cursor.
            peer.answer(&first, &json!({"tools": [tool("a")], "nextCursor": ""}));
            let second = peer.expect("tools/list").await;
            assert_eq!(second["params"]["cursor"], "");
            peer.answer(&second, &json!({"tools": [tool("b")]}));
        });
        let names: Vec<_> = tools.unwrap().into_iter().map(|tool| tool.name).collect();
        assert_eq!(names, ["a", "b"]);
    }
}

#[tokio::test]
async fn pages_that_go_round_in_circles_are_given_up() {
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let (prompts, ()) = tokio::join!(client.list_prompts(), async {
        for _ in 0..2 {
            let page = peer.expect("prompts/list").await;
            peer.answer(&page, &json!({"prompts": [], "nextCursor": "again"}));
        }
    });
    assert_eq!(prompts.unwrap_err().kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn lines_that_are_no_messages_do_no_harm() {
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let (pong, ()) = tokio::join!(client.ping(), async {
        let ping = peer.expect("ping").await;
        peer.send(&Value::String("hello".to_owned()));
        peer.send(&json!({"jsonrpc": "2.0", "id": 4711, "result": {}}));
        peer.send(&json!({"jsonrpc": "2.0", "id": ping["id"], "result": {}, "error": {"code": 1}}));
        // Some peers answer a numeric id as a string.
        peer.send(&json!({"jsonrpc": "2.0", "id": ping["id"].to_string(), "result": {}}));
    });
    pong.unwrap();
}

#[tokio::test]
async fn the_tap_sees_every_frame() {
    let frames = Arc::new(Mutex::new(Vec::new()));
    let tapped = Arc::clone(&frames);
    let builder = Client::builder().tap(move |direction, frame| {
        let frame: Value = serde_json::from_slice(frame).unwrap();
        tapped
            .lock()
            .unwrap()
            .push((direction, frame["method"].as_str().map(str::to_owned)));
    });
    let (_client, _peer) = connected(builder, Revision::V2025_11_25).await;
    let sent = |method: &str| (Direction::Sent, Some(method.to_owned()));
    assert_eq!(
        *frames.lock().unwrap(),
        [
            sent("initialize"),
            (Direction::Received, None),
            sent("notifications/initialized")
        ]
    );
}

#[tokio::test]
async fn a_list_is_fetched_no_further_than_it_is_read() {
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let mut tools = client.tools();
    let tool = |name: &str| json!({"name": name, "inputSchema": {"type": "object"}});
    let (first, ()) = tokio::join!(tools.next(), async {
        let list = peer.expect("tools/list").await;
        peer.answer(
            &list,
            &json!({"tools": [tool("a"), tool("b")], "nextCursor": ""}),
        );
    });
    assert_eq!(first.unwrap().unwrap().name, "a");
    assert_eq!(tools.next().await.unwrap().unwrap().name, "b");
    let (third, ()) = tokio::join!(tools.next(), async {
        let list = peer.expect("tools/list").await;
        assert_eq!(list["params"]["cursor"], "");
        peer.refuse(&list, -32602, &json!(null));
    });
    assert_eq!(third.unwrap().unwrap_err().code(), Some(-32602));
    assert!(tools.next().await.is_none(), "an error ends the list");
}

/// A tool that declares what it answers.
fn declared() -> Value {
    let output =
        json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    json!({"tools": [{"name": "t", "inputSchema": {"type": "object"}, "outputSchema": output}]})
}

#[tokio::test]
async fn results_are_held_against_their_schema_on_request() {
    for revision in ERAS {
        let (client, peer) = connected(Client::builder(), revision).await;
        let mut known = false;
        for (content, fits) in [
            (json!({"n": 1}), true),
            (json!({"n": 2}), true),
            (json!({"n": "one"}), false),
            (json!({}), false),
        ] {
            let call = async { client.call_tool("t", ()).checked().await };
            let (result, ()) = tokio::join!(call, async {
                let request = peer.expect("tools/call").await;
                peer.answer(
                    &request,
                    &json!({"content": [], "structuredContent": content}),
                );
                // A schema that a result does not fit may be out of date.
                if !known || !fits {
                    let list = peer.expect("tools/list").await;
                    peer.answer(&list, &declared());
                }
            });
            known = true;
            match result {
                Ok(_) => assert!(fits, "{content}"),
                Err(failure) => {
                    assert!(!fits, "{content}: {failure}");
                    assert_eq!(failure.kind(), ErrorKind::Protocol);
                    assert!(failure.to_string().contains("output schema"), "{failure}");
                }
            }
        }
    }
}

#[tokio::test]
async fn references_of_a_schema_to_elsewhere_are_not_followed() {
    let elsewhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/schema", elsewhere.local_addr().unwrap());
    let (client, peer) = connected(Client::builder(), Revision::V2026_07_28).await;
    let call = async { client.call_tool("t", ()).checked().await };
    let answering = async {
        let request = peer.expect("tools/call").await;
        let content = json!({"content": [], "structuredContent": {"n": 1, "m": 1}});
        peer.answer(&request, &content);
        let list = peer.expect("tools/list").await;
        let n = json!({"type": "string"});
        let output = json!({"type": "object", "properties": {"m": {"$ref": url}, "n": n}});
        let schema = json!({"type": "object", "properties": {"a": {"$ref": url}}});
        let tool = json!({"name": "t", "inputSchema": schema, "outputSchema": output});
        peer.answer(&list, &json!({"tools": [tool]}));
    };
    let failure = tokio::select! {
        biased;
        _ = elsewhere.accept() => panic!("somebody came for the schema"),
        (result, ()) = async { tokio::join!(call, answering) } => result.unwrap_err(),
    };
    // What the schema says by itself counts.
    assert!(failure.to_string().contains("$.n"), "{failure}");
}

#[tokio::test]
async fn a_call_fails_as_its_tool_does_unless_all_is_asked_for() {
    for revision in ERAS {
        let (client, peer) = connected(Client::builder(), revision).await;
        let failing = async || {
            let request = peer.expect("tools/call").await;
            let mut answer = text("no wood left");
            answer["isError"] = true.into();
            peer.answer(&request, &answer);
        };
        let call = || client.call::<String>("saw", ());
        let (typed, ()) = tokio::join!(call().into_future(), failing());
        let failure = typed.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Tool);
        assert_eq!(failure.tool_result().unwrap().text(), "no wood left");
        let (raw, ()) = tokio::join!(call().raw().into_future(), failing());
        assert!(raw.unwrap().is_error);
    }
}
