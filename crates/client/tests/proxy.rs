//! A remote server behind a proxy, in every pairing of eras.

use std::sync::{Arc, Mutex};

use purlin_client::protocol::{
    CompleteParams, ElicitResult, Prompt, PromptArgument, PromptMessage, Reference, Resource,
    ResourceTemplate, Tool,
};
use purlin_client::{Change, Client, ClientBuilder, ErrorKind, Revision, Subscription, proxy};
use purlin_core::completion::CompletionInput;
use purlin_core::protocol::Completion;
use purlin_core::{
    Answer, BoxFuture, CompletionHandler, Context, DynamicPrompt, DynamicResource, DynamicTool,
    PromptResult, ResourceResult, Result, Server, ToolResult,
};
use serde_json::{Map, Value, json};

use crate::peer::{ERAS, Peer, connected, discovered, initialized};

fn schema() -> Value {
    json!({"type": "object"})
}

fn echo(name: &str) -> DynamicTool {
    let tool = Tool::new(name, schema().into());
    DynamicTool::new(tool, |_, arguments| async move {
        match arguments.get("fail") {
            Some(_) => Ok(ToolResult::error("as you wish")),
            None => ToolResult::structured(&arguments),
        }
    })
}

/// Asks for a name, having told what it does.
fn greet() -> DynamicTool {
    DynamicTool::new(Tool::new("greet", schema().into()), |cx, _| async move {
        cx.progress_with(1.0, 2.0, "asking");
        cx.info("asking for a name");
        let form = json!({"type": "object", "properties": {"name": {"type": "string"}}});
        let schema: purlin_client::protocol::Schema = form.into();
        let answer = cx.elicit_form("Who?", schema).key("name").await?;
        Ok(match answer {
            Answer::Accepted(fields) => ToolResult::text(fields["name"].as_str().unwrap()),
            _ => ToolResult::error("nobody"),
        })
    })
}

async fn data(_: Context, uri: String) -> Result<ResourceResult> {
    Ok(ResourceResult::text(format!("at {uri}")))
}

async fn trip(_: Context, arguments: Map<String, Value>) -> Result<PromptResult> {
    let text = format!("To {}", arguments["city"].as_str().unwrap());
    Ok(PromptResult::new([PromptMessage::user(text)]).with_description("A trip"))
}

/// Completes with what is typed and what is known.
struct Cities;

impl CompletionHandler for Cities {
    fn complete<'a>(&'a self, input: CompletionInput<'a>) -> BoxFuture<'a, Result<Completion>> {
        let known = input.known().get("country").unwrap_or("-").to_owned();
        let value = format!("{}/{known}", input.value());
        Box::pin(async { Ok(Completion::new([value])) })
    }
}

fn remote() -> Server {
    let server = Server::builder("remote", "3.0.0")
        .title("Remote")
        .instructions("Be kind.")
        .declare_all();
    server.add_tool(echo("echo")).unwrap();
    server.add_tool(greet()).unwrap();
    let fixed = Resource::new("data://fixed", "fixed");
    server
        .add_resource(DynamicResource::new(fixed, data))
        .unwrap();
    let template = ResourceTemplate::new("data://cities/{city}", "cities");
    let template = DynamicResource::template(template, data).unwrap();
    server.add_resource(template).unwrap();
    let mut prompt = Prompt::new("trip");
    prompt.arguments.push(PromptArgument::new("city"));
    server.add_prompt(DynamicPrompt::new(prompt, trip)).unwrap();
    server.add_completion(&Reference::prompt("trip"), "city", Cities);
    server
}

/// Calls `check` with a client of a proxy of the server, for every pairing of eras.
async fn through_proxies(
    server: &Server,
    builder: impl Fn() -> ClientBuilder,
    check: impl AsyncFn(Client),
) {
    for far in ERAS {
        for near in ERAS {
            let client = Client::builder().relay_questions().era(far);
            let client = client.connect(server).await.unwrap();
            let proxy = proxy(client).await.unwrap();
            check(builder().era(near).connect(&proxy).await.unwrap()).await;
        }
    }
}

#[tokio::test]
async fn it_introduces_itself_as_the_remote_server() {
    through_proxies(&remote(), Client::builder, async |client| {
        let server = client.server_info().unwrap();
        assert_eq!((&*server.name, &*server.version), ("remote", "3.0.0"));
        assert_eq!(server.title.as_deref(), Some("Remote"));
        assert_eq!(client.instructions().as_deref(), Some("Be kind."));
    })
    .await;
}

#[tokio::test]
async fn tools_are_called_there() {
    through_proxies(&remote(), Client::builder, async |client| {
        let tools = client.list_tools().await.unwrap();
        let names: Vec<_> = tools.iter().map(|tool| &*tool.name).collect();
        assert_eq!(names, ["echo", "greet"]);
        let echoed: Value = client.call("echo", json!({"a": [1, null]})).await.unwrap();
        assert_eq!(echoed, json!({"a": [1, null]}));
        let failure = client.call::<Value>("echo", json!({"fail": true})).await;
        let failure = failure.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Tool);
        assert_eq!(failure.to_string(), "the tool failed: as you wish");
    })
    .await;
}

#[tokio::test]
async fn questions_progress_and_logs_find_the_one_who_called() {
    let builder = || {
        Client::builder().answer_elicitation(|form| {
            assert_eq!(form.message, "Who?");
            ElicitResult::accept(Map::from_iter([("name".to_owned(), "Ada".into())]))
        })
    };
    through_proxies(&remote(), builder, async |client| {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (progress, logs) = (Arc::clone(&heard), Arc::clone(&heard));
        let call = client
            .call::<String>("greet", ())
            .on_progress(move |step| {
                let message = step.message.clone().unwrap();
                progress
                    .lock()
                    .unwrap()
                    .push(format!("{message} {}", step.progress));
            })
            .on_log(move |entry| logs.lock().unwrap().push(entry.data.to_string()));
        assert_eq!(call.await.unwrap(), "Ada");
        let heard = heard.lock().unwrap();
        assert!(heard.contains(&"asking 1".to_owned()), "{heard:?}");
        assert!(
            heard.contains(&"\"asking for a name\"".to_owned()),
            "{heard:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_question_that_the_caller_cannot_answer_is_refused() {
    through_proxies(&remote(), Client::builder, async |client| {
        let failure = client.call::<String>("greet", ()).await.unwrap_err();
        assert!(failure.to_string().contains("elicitation"), "{failure}");
    })
    .await;
}

#[tokio::test]
async fn resources_and_prompts_are_fetched_there() {
    through_proxies(&remote(), Client::builder, async |client| {
        assert_eq!(client.list_resources().await.unwrap().len(), 1);
        assert_eq!(client.list_resource_templates().await.unwrap().len(), 1);
        for uri in ["data://fixed", "data://cities/rome"] {
            let result = client.read_resource(uri).await.unwrap();
            assert_eq!(result.contents[0].uri, uri);
            let text = result.contents[0].as_text().unwrap();
            assert_eq!(text, format!("at {uri}"));
        }
        let prompt = client.get_prompt("trip", json!({"city": "Rome"})).await;
        let prompt = prompt.unwrap();
        assert_eq!(prompt.description.as_deref(), Some("A trip"));
        assert_eq!(prompt.messages, [PromptMessage::user("To Rome")]);
        let question = CompleteParams::new(Reference::prompt("trip"), "city", "Ro");
        let question = question.with_known("country", "it");
        let completion = client.complete(question).await.unwrap();
        assert_eq!(completion.values, ["Ro/it"]);
    })
    .await;
}

#[tokio::test]
async fn it_can_be_mounted() {
    let client = Client::connect(&remote()).await.unwrap();
    let platform = Server::builder("platform", "1.0.0").with("far", proxy(client).await.unwrap());
    let client = Client::connect(&platform).await.unwrap();
    let echoed: Value = client.call("far_echo", json!({"a": 1})).await.unwrap();
    assert_eq!(echoed, json!({"a": 1}));
    let result = client
        .read_resource("data://far/cities/rome")
        .await
        .unwrap();
    assert_eq!(result.contents[0].uri, "data://far/cities/rome");
    assert_eq!(result.contents[0].as_text(), Some("at data://cities/rome"));
}

#[tokio::test]
async fn what_changes_there_changes_here() {
    let server = remote();
    through_proxies(&server, Client::builder, async |client| {
        let mut changes = client.listen(Subscription::lists()).await.unwrap();
        server.add_tool(echo("late")).unwrap();
        while changes.next().await.transpose().unwrap() != Some(Change::Tools) {}
        let has = async |name: &str| {
            let tools = client.list_tools().await.unwrap();
            tools.iter().any(|tool| tool.name == name)
        };
        while !has("late").await {
            changes.next().await.unwrap().unwrap();
        }
        server.remove_tool("late");
        while has("late").await {
            changes.next().await.unwrap().unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_remote_server_that_is_gone_is_named() {
    for revision in ERAS {
        let client = Client::builder().era(revision).connect(&remote()).await;
        let client = client.unwrap();
        let proxy = proxy(client.clone()).await.unwrap();
        client.close().await;
        let near = Client::connect(&proxy).await.unwrap();
        let failure = near.call::<String>("echo", ()).await.unwrap_err();
        assert!(
            failure.to_string().contains("`remote` cannot be reached"),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn a_dropped_call_is_cancelled_there() {
    for revision in ERAS {
        let (client, peer) = connected(Client::builder(), revision).await;
        let tools = json!({"tools": [{"name": "slow", "inputSchema": schema()}]});
        let (proxy, ()) = tokio::join!(proxy(client), async {
            let list = peer.expect("tools/list").await;
            peer.answer(&list, &tools);
        });
        let near = Client::connect(&proxy.unwrap()).await.unwrap();
        let call = near.call_tool("slow", ()).into_future();
        let request = tokio::select! {
            _ = call => panic!("nobody answered"),
            request = until(&peer, "tools/call") => request,
        };
        let cancelled = until(&peer, "notifications/cancelled").await;
        assert_eq!(cancelled["params"]["requestId"], request["id"]);
    }
}

/// The next message of this kind; the proxy listens for changes meanwhile.
async fn until(peer: &Peer, method: &str) -> Value {
    loop {
        let message = peer.next().await;
        if message["method"] == method {
            return message;
        }
    }
}

#[tokio::test]
async fn a_resource_that_is_watched_here_is_watched_there() {
    let server = remote();
    through_proxies(&server, Client::builder, async |client| {
        let wanted = || Subscription::new().resource("data://cities/rome");
        let mut changes = client.listen(wanted()).await.unwrap();
        // Whoever is told that the subscription stands misses nothing from then on.
        for _ in 0..2 {
            server.notify_resource_updated("data://cities/paris");
            server.notify_resource_updated("data://cities/rome");
            let change = changes.next().await.unwrap().unwrap();
            assert_eq!(change, Change::Resource("data://cities/rome".to_owned()));
        }
    })
    .await;
}

/// The remote server played by the test, behind a proxy. It has two templates and two tools.
async fn played(builder: ClientBuilder, revision: Revision) -> (Server, Client, Peer) {
    let (ours, peer) = Peer::pair();
    let capabilities = json!({"tools": {}, "resources": {"subscribe": true}});
    let connecting = builder.era(revision).connect(ours);
    let (client, ()) = tokio::join!(connecting, async {
        let hello = peer.next().await;
        let mut welcome = match &*hello["method"].to_string() {
            "\"server/discover\"" => discovered(),
            _ => initialized(hello["params"]["protocolVersion"].as_str().unwrap()),
        };
        welcome["capabilities"] = capabilities;
        peer.answer(&hello, &welcome);
    });
    let client = client.unwrap();
    let (proxy, ()) = tokio::join!(proxy(client.clone()), async {
        let tools = ["one", "two"].map(|name| json!({"name": name, "inputSchema": schema()}));
        let template = json!({"uriTemplate": "data://{+path}", "name": "data"});
        for (method, result) in [
            ("tools/list", json!({"tools": tools})),
            ("resources/list", json!({"resources": []})),
            (
                "resources/templates/list",
                json!({"resourceTemplates": [template]}),
            ),
        ] {
            peer.answer(&until(&peer, method).await, &result);
        }
    });
    (proxy.unwrap(), client, peer)
}

/// Agrees to a subscription, of either era.
fn agree(peer: &Peer, request: &Value) {
    if request["method"] == "resources/subscribe" {
        return peer.answer(request, &json!({}));
    }
    let ack = json!({
        "notifications": request["params"]["notifications"],
        "_meta": {"io.modelcontextprotocol/subscriptionId": request["id"]},
    });
    let method = "notifications/subscriptions/acknowledged";
    peer.send(&json!({"jsonrpc": "2.0", "method": method, "params": ack}));
}

fn about_a_resource(message: &Value) -> bool {
    let method = message["method"].as_str().unwrap_or_default();
    let uris = &message["params"]["notifications"]["resourceSubscriptions"];
    match method {
        "subscriptions/listen" => uris.as_array().is_some_and(|uris| !uris.is_empty()),
        _ => method.starts_with("resources/") && method.ends_with("subscribe"),
    }
}

async fn subscription(peer: &Peer) -> Value {
    loop {
        let message = peer.next().await;
        if about_a_resource(&message) {
            return message;
        }
    }
}

#[tokio::test]
async fn however_many_watch_a_resource_the_remote_server_is_asked_once() {
    for revision in ERAS {
        let (proxy, _client, peer) = played(Client::builder(), revision).await;
        let platform = Server::builder("platform", "1.0.0").with("far", proxy);
        let wanted = || Subscription::new().resource("data://far/a");
        let mut clients = Vec::new();
        for near in ERAS {
            let client = Client::builder().era(near).connect(&platform).await;
            clients.push(client.unwrap());
        }
        let (first, request) = tokio::join!(clients[0].listen(wanted()), async {
            let request = subscription(&peer).await;
            assert!(request.to_string().contains("\"data://a\""), "{request}");
            agree(&peer, &request);
            request
        });
        let second = clients[1].listen(wanted()).await;
        let mut updated = json!({"uri": "data://a"});
        if revision.is_modern() {
            updated["_meta"] = json!({"io.modelcontextprotocol/subscriptionId": request["id"]});
        }
        let method = "notifications/resources/updated";
        peer.send(&json!({"jsonrpc": "2.0", "method": method, "params": updated}));
        let (mut first, mut second) = (first.unwrap(), second.unwrap());
        for changes in [&mut first, &mut second] {
            let change = changes.next().await.unwrap().unwrap();
            assert_eq!(change, Change::Resource("data://far/a".to_owned()));
        }
        drop((first, second));
        if revision.is_modern() {
            let cancelled = until(&peer, "notifications/cancelled").await;
            assert_eq!(cancelled["params"]["requestId"], request["id"]);
        } else {
            let ended = subscription(&peer).await;
            assert_eq!(ended["method"], "resources/unsubscribe");
        }
    }
}

#[tokio::test]
async fn a_resource_that_the_remote_server_does_not_let_be_watched_is_not_watched_here() {
    let (proxy, _client, peer) = played(Client::builder(), Revision::V2025_11_25).await;
    for near in ERAS {
        let client = Client::builder().era(near).connect(&proxy).await.unwrap();
        let (changes, ()) = tokio::join!(
            client.listen(Subscription::new().resource("data://a")),
            async {
                let request = subscription(&peer).await;
                peer.refuse(&request, -32002, &json!({"uri": "data://a"}));
            }
        );
        match changes {
            Ok(changes) => assert!(changes.served().resource_subscriptions.is_empty()),
            Err(failure) => assert!(failure.to_string().contains("refused"), "{failure}"),
        }
    }
}

fn answering(name: &'static str) -> ClientBuilder {
    Client::builder().answer_elicitation(move |_| {
        ElicitResult::accept(Map::from_iter([("name".to_owned(), name.into())]))
    })
}

/// Plays a server that asks who calls before it answers with that, until told to stop.
async fn ask_everybody(peer: &Peer, calls: usize) {
    let mut asked = std::collections::HashMap::new();
    let mut answered = 0;
    while answered < calls {
        let message = peer.next().await;
        if message["method"] == "tools/call" {
            let id = format!("q{}", message["id"]);
            let form = json!({"type": "object", "properties": {"name": {"type": "string"}}});
            let params = json!({"message": "Who?", "requestedSchema": form});
            let method = "elicitation/create";
            peer.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
            asked.insert(id, message);
        } else if message["method"] == "ping" {
            peer.answer(&message, &json!({}));
        } else if let Some(call) = message["id"].as_str().and_then(|id| asked.remove(id)) {
            // A call that was given up answers no question.
            if let Some(name) = message["result"]["content"]["name"].as_str() {
                peer.answer(&call, &crate::peer::text(name));
                answered += 1;
            }
        }
    }
}

#[tokio::test]
async fn questions_on_a_connection_of_all_reach_the_client_whose_call_it_is() {
    for near in ERAS {
        let builder = Client::builder().relay_questions();
        let (proxy, _client, peer) = played(builder, Revision::V2025_11_25).await;
        let mut clients = Vec::new();
        for name in ["Ada", "Grace"] {
            let client = answering(name).era(near).connect(&proxy).await;
            clients.push((name, client.unwrap()));
        }
        let (calls, ()) = tokio::join!(
            async {
                let mut calls = Vec::new();
                // The calls of both are in flight at the same time, each several times.
                for _ in 0..4 {
                    for (name, client) in &clients {
                        let call = client.call::<String>("one", ()).into_future();
                        calls.push((*name, tokio::spawn(call)));
                    }
                }
                let mut answers = Vec::new();
                for (name, call) in calls {
                    answers.push((name, call.await.unwrap().unwrap()));
                }
                answers
            },
            ask_everybody(&peer, 8),
        );
        for (name, answer) in calls {
            assert_eq!(name, answer);
        }
    }
}

#[tokio::test]
async fn a_late_question_of_a_call_that_was_given_up_reaches_nobody_else() {
    let builder = Client::builder().relay_questions();
    let (proxy, _client, peer) = played(builder, Revision::V2025_11_25).await;
    let one = answering("Ada")
        .era(Revision::V2025_11_25)
        .connect(&proxy)
        .await
        .unwrap();
    let two = answering("Grace")
        .era(Revision::V2025_11_25)
        .connect(&proxy)
        .await
        .unwrap();
    let given_up = tokio::select! {
        _ = one.call_tool("one", ()).into_future() => panic!("nobody answered"),
        call = until(&peer, "tools/call") => call,
    };
    let cancelled = until(&peer, "notifications/cancelled").await;
    assert_eq!(cancelled["params"]["requestId"], given_up["id"]);
    let ping = until(&peer, "ping").await;
    let call = tokio::spawn(two.call::<String>("two", ()).into_future());
    // The server has not read the cancellation yet.
    let params =
        json!({"message": "Who?", "requestedSchema": {"type": "object", "properties": {}}});
    let method = "elicitation/create";
    peer.send(&json!({"jsonrpc": "2.0", "id": "late", "method": method, "params": params}));
    let refused = peer.next().await;
    assert_eq!(refused["id"], "late");
    assert!(refused["error"].is_object(), "{refused}");
    peer.answer(&ping, &json!({}));
    ask_everybody(&peer, 1).await;
    assert_eq!(call.await.unwrap().unwrap(), "Grace");
}

#[tokio::test]
async fn calls_of_one_session_run_at_the_same_time() {
    let builder = Client::builder().relay_questions();
    let (proxy, _client, peer) = played(builder, Revision::V2025_11_25).await;
    let near = answering("Ada")
        .era(Revision::V2025_11_25)
        .connect(&proxy)
        .await
        .unwrap();
    let call = |tool: &str| tokio::spawn(near.call::<String>(tool, ()).into_future());
    let (one, two) = (call("one"), call("two"));
    let requests = [
        until(&peer, "tools/call").await,
        until(&peer, "tools/call").await,
    ];
    for request in &requests {
        peer.answer(request, &crate::peer::text("done"));
    }
    assert_eq!(one.await.unwrap().unwrap(), "done");
    assert_eq!(two.await.unwrap().unwrap(), "done");
}
