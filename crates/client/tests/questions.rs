use std::future::pending;
use std::sync::{Arc, Mutex};

use purlin_client::protocol::{
    ClientCapabilities, CreateMessageResult, ElicitResult, ErrorObject, Root, StopReason,
};
use purlin_client::{Client, ClientBuilder, ErrorKind, Revision};
use serde_json::{Value, json};

use crate::peer::{Peer, connected, text};

fn answering() -> ClientBuilder {
    Client::builder()
        .answer_elicitation(|form| async move {
            match form.message.as_str() {
                "refuse" => Err(ErrorObject::new(-1, "no")),
                _ => Ok(ElicitResult::accept(
                    json!({"said": form.message}).as_object().cloned().unwrap(),
                )),
            }
        })
        .roots([Root::new("file:///work")])
}

fn form(message: &str) -> Value {
    json!({"message": message, "requestedSchema": {"type": "object", "properties": {}}})
}

fn input_required(requests: &Value, state: &str) -> Value {
    json!({"resultType": "input_required", "inputRequests": requests, "requestState": state})
}

async fn call(client: &Client) -> purlin_client::Result<String> {
    client.call("ask", json!({"a": 1})).await
}

#[tokio::test]
async fn a_request_of_the_server_is_answered_while_the_call_waits() {
    let (client, peer) = connected(answering(), Revision::V2025_11_25).await;
    assert!(client.capabilities().elicitation_form() && client.capabilities().roots());
    let (result, ()) = tokio::join!(call(&client), async {
        let request = peer.expect("tools/call").await;
        peer.send(&json!({"jsonrpc": "2.0", "id": "q", "method": "elicitation/create", "params": form("hi")}));
        let answer = peer.next().await;
        assert_eq!(
            answer["result"],
            json!({"action": "accept", "content": {"said": "hi"}})
        );
        assert_eq!(answer["id"], "q");
        peer.answer(&request, &text("done"));
    });
    assert_eq!(result.unwrap(), "done");
}

#[tokio::test]
async fn what_was_not_declared_is_refused() {
    let (_client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    for method in [
        "elicitation/create",
        "roots/list",
        "sampling/createMessage",
        "other",
    ] {
        let params = match method {
            "sampling/createMessage" => json!({"messages": [], "maxTokens": 1}),
            _ => form("hi"),
        };
        peer.send(&json!({"jsonrpc": "2.0", "id": 0, "method": method, "params": params}));
        let answer = peer.next().await;
        assert_eq!(
            (&answer["id"], &answer["error"]["code"]),
            (&json!(0), &json!(-32601)),
            "{method}"
        );
    }
}

#[tokio::test]
async fn a_cancelled_question_is_not_answered() {
    let builder = Client::builder().answer_elicitation(|_| pending::<ElicitResult>());
    let (client, peer) = connected(builder, Revision::V2025_11_25).await;
    peer.send(
        &json!({"jsonrpc": "2.0", "id": 5, "method": "elicitation/create", "params": form("hi")}),
    );
    peer.send(
        &json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5}}),
    );
    peer.send(&json!({"jsonrpc": "2.0", "id": 6, "method": "ping"}));
    assert_eq!(peer.next().await["id"], 6);
    drop(client);
    assert_eq!(peer.try_next().await, None);
}

#[tokio::test]
async fn a_question_in_a_result_is_answered_in_a_retry() {
    let (client, peer) = connected(answering(), Revision::V2026_07_28).await;
    let (result, ()) = tokio::join!(call(&client), async {
        let first = peer.expect("tools/call").await;
        let questions = json!({
            "name": {"method": "elicitation/create", "params": form("hi")},
            "where": {"method": "roots/list"},
        });
        peer.answer(&first, &input_required(&questions, "é\"\u{1}/"));
        let second = peer.expect("tools/call").await;
        assert_ne!(second["id"], first["id"]);
        let params = &second["params"];
        assert_eq!(params["arguments"], json!({"a": 1}));
        assert_eq!(params["requestState"], "é\"\u{1}/");
        assert_eq!(
            params["inputResponses"],
            json!({
                "name": {"action": "accept", "content": {"said": "hi"}},
                "where": {"roots": [{"uri": "file:///work"}]},
            })
        );
        // Only the latest round is repeated, and no state that was not given.
        let question = json!({"more": {"method": "roots/list", "params": {}}});
        peer.answer(
            &second,
            &json!({"resultType": "input_required", "inputRequests": question}),
        );
        let third = peer.expect("tools/call").await;
        assert_eq!(
            third["params"]["inputResponses"],
            json!({"more": {"roots": [{"uri": "file:///work"}]}})
        );
        assert!(third["params"].get("requestState").is_none(), "{third}");
        peer.answer(&third, &text("done"));
    });
    assert_eq!(result.unwrap(), "done");
}

#[tokio::test]
async fn a_result_with_nothing_but_state_is_retried() {
    let (client, peer) = connected(answering(), Revision::V2026_07_28).await;
    let (result, ()) = tokio::join!(call(&client), async {
        let first = peer.expect("tools/call").await;
        peer.answer(
            &first,
            &json!({"resultType": "input_required", "requestState": "s"}),
        );
        let second = peer.expect("tools/call").await;
        assert!(second["params"].get("inputResponses").is_none(), "{second}");
        assert_eq!(second["params"]["requestState"], "s");
        peer.answer(&second, &text("done"));
    });
    assert_eq!(result.unwrap(), "done");
}

#[tokio::test]
async fn a_server_that_asks_for_ever_is_given_up() {
    let (client, peer) = connected(answering(), Revision::V2026_07_28).await;
    let asked = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&asked);
    let server = async move {
        loop {
            let request = peer.expect("tools/call").await;
            *counter.lock().unwrap() += 1;
            let question = json!({"q": {"method": "elicitation/create", "params": form("hi")}});
            peer.answer(&request, &input_required(&question, "s"));
        }
    };
    let error = tokio::select! { result = call(&client) => result.unwrap_err(), () = server => unreachable!() };
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(*asked.lock().unwrap(), 11);
}

async fn refused(peer: &Peer, answer: &Value) {
    let request = peer.expect("tools/call").await;
    peer.answer(&request, answer);
}

#[tokio::test]
async fn questions_that_cannot_be_answered_end_the_call() {
    let (client, peer) = connected(answering(), Revision::V2026_07_28).await;
    let sample = json!({"q": {"method": "sampling/createMessage", "params": {"messages": [], "maxTokens": 1}}});
    let no = json!({"q": {"method": "elicitation/create", "params": form("refuse")}});
    for (answer, kind) in [
        // Undeclared, and refused by the handler: the handler's own error is what the caller sees.
        (input_required(&sample, "s"), ErrorKind::Rpc),
        (input_required(&no, "s"), ErrorKind::Rpc),
        (json!({"resultType": "input_required"}), ErrorKind::Protocol),
        (json!({"resultType": "surprise"}), ErrorKind::Protocol),
        (
            input_required(&json!({"q": {"method": "ping"}}), "s"),
            ErrorKind::Decode,
        ),
    ] {
        let (result, ()) = tokio::join!(call(&client), refused(&peer, &answer));
        assert_eq!(result.unwrap_err().kind(), kind, "{answer}");
    }
}

#[tokio::test]
async fn only_three_methods_may_ask_in_their_result() {
    let (client, peer) = connected(answering(), Revision::V2026_07_28).await;
    let (tools, ()) = tokio::join!(client.list_tools(), async {
        let request = peer.expect("tools/list").await;
        peer.answer(&request, &input_required(&json!({}), "s"));
    });
    assert_eq!(tools.unwrap_err().kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn a_request_on_a_stateless_connection_is_not_answered() {
    let (client, peer) = connected(answering(), Revision::V2026_07_28).await;
    peer.send(
        &json!({"jsonrpc": "2.0", "id": 1, "method": "elicitation/create", "params": form("hi")}),
    );
    let (result, ()) = tokio::join!(call(&client), async {
        // The call is the next thing said, not an answer.
        let request = peer.expect("tools/call").await;
        peer.answer(&request, &text("done"));
    });
    result.unwrap();
}

/// A client that visits one place, and has a model that calls tools.
fn visiting() -> ClientBuilder {
    Client::builder()
        .answer_elicitation_url(|visit| match &*visit.url {
            "https://example.com/agree" => ElicitResult::accept_url(),
            _ => ElicitResult::decline(),
        })
        .answer_sampling(|asked| {
            let tool = &asked.tools.as_ref().expect("tools were offered")[0];
            let mut answer = CreateMessageResult::new("oracle", format!("call {}", tool.name));
            answer.stop_reason = Some(StopReason::ToolUse);
            answer
        })
        .capabilities(ClientCapabilities::with_sampling_tools)
}

/// What is asked, and the members of the answer.
fn asked_of_it() -> [(&'static str, Value, Value); 3] {
    let visit = |url| json!({"mode": "url", "message": "m", "url": url, "elicitationId": "e"});
    let tool = json!({"name": "saw", "inputSchema": {"type": "object"}});
    let message = json!({"role": "user", "content": {"type": "text", "text": "?"}});
    [
        (
            "elicitation/create",
            visit("https://example.com/agree"),
            json!({"action": "accept"}),
        ),
        (
            "elicitation/create",
            visit("https://elsewhere.example"),
            json!({"action": "decline"}),
        ),
        (
            "sampling/createMessage",
            json!({"messages": [message], "maxTokens": 5, "tools": [tool]}),
            json!({"model": "oracle", "stopReason": "toolUse", "role": "assistant"}),
        ),
    ]
}

fn holds(answer: &Value, members: &Value) {
    for (name, value) in members.as_object().unwrap() {
        assert_eq!(&answer[name], value, "{name} of {answer}");
    }
}

#[tokio::test]
async fn links_and_models_are_asked_by_requests_and_in_results_alike() {
    let (client, peer) = connected(visiting(), Revision::V2025_11_25).await;
    let declared = serde_json::to_value(client.capabilities()).unwrap();
    assert!(declared["sampling"]["tools"].is_object(), "{declared}");
    assert!(declared["elicitation"]["url"].is_object(), "{declared}");
    assert!(declared["elicitation"].get("form").is_none(), "{declared}");
    for (method, params, answer) in asked_of_it() {
        peer.send(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}));
        holds(&peer.next().await["result"], &answer);
    }
    let (client, peer) = connected(visiting(), Revision::V2026_07_28).await;
    for (method, params, answer) in asked_of_it() {
        let question = json!({"q": {"method": method, "params": params}});
        let (result, ()) = tokio::join!(call(&client), async {
            let first = peer.expect("tools/call").await;
            peer.answer(&first, &input_required(&question, "s"));
            let second = peer.expect("tools/call").await;
            holds(&second["params"]["inputResponses"]["q"], &answer);
            peer.answer(&second, &text("done"));
        });
        assert_eq!(result.unwrap(), "done");
    }
}

#[tokio::test]
async fn roots_may_be_replaced_and_the_server_of_a_session_is_told() {
    let (client, peer) = connected(answering(), Revision::V2025_11_25).await;
    client
        .set_roots([Root::new("file:///other")])
        .await
        .unwrap();
    peer.expect("notifications/roots/list_changed").await;
    peer.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "roots/list"}));
    let answer = peer.next().await;
    assert_eq!(answer["result"]["roots"], json!([{"uri": "file:///other"}]));
    let (client, _peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let failure = client.set_roots([]).await.unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Unsupported);
}

fn visits(ids: &[&str]) -> Value {
    let visit = |id: &&str| {
        json!({
            "mode": "url",
            "message": "Log in",
            "url": format!("https://example.com/{id}"),
            "elicitationId": id,
        })
    };
    json!({"elicitations": ids.iter().map(visit).collect::<Vec<_>>()})
}

fn complete(peer: &Peer, id: &str) {
    let params = json!({"elicitationId": id});
    let method = "notifications/elicitation/complete";
    peer.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
}

/// A client whose user goes wherever they are sent, and the list of that.
fn going() -> (ClientBuilder, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let there = Arc::clone(&seen);
    let builder = Client::builder().answer_elicitation_url(move |url| {
        there.lock().unwrap().push(url.url);
        ElicitResult::accept_url()
    });
    (builder, seen)
}

#[tokio::test]
async fn a_call_that_needs_a_visit_is_made_again_when_the_visit_is_complete() {
    let (builder, seen) = going();
    let (client, peer) = connected(builder.timeout(None), Revision::V2025_11_25).await;
    let (result, ()) = tokio::join!(call(&client), async {
        let request = peer.expect("tools/call").await;
        peer.refuse(&request, -32042, &visits(&["a", "b"]));
        while seen.lock().unwrap().len() < 2 {
            tokio::task::yield_now().await;
        }
        complete(&peer, "other");
        complete(&peer, "b");
        complete(&peer, "a");
        let again = peer.expect("tools/call").await;
        assert_ne!(again["id"], request["id"]);
        assert_eq!(again["params"]["arguments"], json!({"a": 1}));
        peer.answer(&again, &text("done"));
    });
    assert_eq!(result.unwrap(), "done");
    let seen = seen.lock().unwrap();
    assert_eq!(*seen, ["https://example.com/a", "https://example.com/b"]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_tells_of_a_visit_is_asked_again_a_few_times() {
    let (builder, seen) = going();
    let (client, peer) = connected(builder.timeout(None), Revision::V2025_11_25).await;
    let server = async {
        let mut calls = 0;
        loop {
            let request = peer.expect("tools/call").await;
            peer.refuse(&request, -32042, &visits(&["a"]));
            calls += 1;
            if calls == 11 {
                return;
            }
        }
    };
    let (result, ()) = tokio::join!(call(&client), server);
    let failure = result.unwrap_err();
    assert_eq!(failure.required_urls()[0].url, "https://example.com/a");
    assert_eq!(seen.lock().unwrap().len(), 1, "one visit is asked for once");
}

#[tokio::test]
async fn a_visit_that_nobody_makes_leaves_the_error_with_its_urls() {
    let refusing = Client::builder().answer_elicitation_url(|_| ElicitResult::decline());
    for builder in [Client::builder(), refusing] {
        let (client, peer) = connected(builder, Revision::V2025_11_25).await;
        let (result, ()) = tokio::join!(call(&client), async {
            let request = peer.expect("tools/call").await;
            peer.refuse(&request, -32042, &visits(&["a", "b"]));
        });
        let failure = result.unwrap_err();
        assert_eq!(
            (failure.kind(), failure.code()),
            (ErrorKind::Rpc, Some(-32042))
        );
        let urls = failure.required_urls();
        let urls: Vec<_> = urls.iter().map(|it| it.url.as_str()).collect();
        assert_eq!(urls, ["https://example.com/a", "https://example.com/b"]);
    }
}
