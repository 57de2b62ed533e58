use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use purlin::{
    KeyRing, Server,
    prelude::*,
    protocol::CreateMessageParams,
    store::{KeyValue, MemoryStore},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::wire::{Wire, code, text};

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

#[derive(Default)]
struct Asking {
    charged: AtomicU32,
    waiter: AtomicU32,
    sent: AtomicU32,
    /// Whether sending fails.
    broken: AtomicBool,
}

fn name(answer: Answer<Name>) -> String {
    answer
        .accepted()
        .map_or_else(|| "nobody".to_owned(), |answer| answer.name)
}

#[mcp_server]
impl Asking {
    /// Greets who you are.
    #[mcp_tool]
    async fn greet(&self, greeting: Option<String>, cx: &Context) -> Result<String> {
        let answer = cx.elicit::<Name>("Who are you?").key("who").await?;
        Ok(format!(
            "{}, {}!",
            greeting.unwrap_or_else(|| "Hello".to_owned()),
            name(answer)
        ))
    }

    /// Says who you are.
    #[mcp_tool]
    async fn introduce(&self, cx: &Context) -> Result<String> {
        Ok(name(cx.elicit::<Name>("Who are you?").key("who").await?))
    }

    /// Charges once, and asks for whom.
    #[mcp_tool]
    async fn pay(&self, cx: &Context) -> Result<String> {
        let paid: u32 = cx
            .step("charge", async {
                Ok::<_, ToolError>(self.charged.fetch_add(1, Ordering::Relaxed) + 1)
            })
            .await?;
        let first = name(cx.elicit::<Name>("Who pays?").key("payer").await?);
        let second = name(cx.elicit::<Name>("Who gets it?").key("payee").await?);
        Ok(format!("{first} paid {second} {paid} time"))
    }

    /// Asks where to, then sends once.
    #[mcp_tool]
    async fn send(&self, cx: &Context) -> Result<String> {
        let to = name(cx.elicit::<Name>("To whom?").key("to").await?);
        let sent: u32 = cx
            .step("send", async {
                if self.broken.load(Ordering::Relaxed) {
                    return Err(ToolError::new("the post is closed"));
                }
                Ok(self.sent.fetch_add(1, Ordering::Relaxed) + 1)
            })
            .await?;
        Ok(format!("letter {sent} to {to}"))
    }

    /// Asks two questions by one key.
    #[mcp_tool]
    async fn confuse(&self, cx: &Context) -> Result<String> {
        let first = name(cx.elicit::<Name>("Who?").key("who").await?);
        let second = name(cx.elicit::<Name>("And who else?").key("who").await?);
        Ok(format!("{first} and {second}"))
    }

    /// Asks without an end.
    #[mcp_tool]
    async fn pester(&self, cx: &Context) -> Result<String> {
        for _ in 0..1_000 {
            cx.elicit::<Name>("Who?").await?;
        }
        Ok("enough".to_owned())
    }

    /// Asks the model.
    #[mcp_tool]
    async fn think(&self, cx: &Context) -> Result<String> {
        let question = CreateMessageParams::new(10).user("?");
        Ok(cx.sample(question).await?.text())
    }

    /// Sends you to a page.
    #[mcp_tool]
    async fn visit(&self, cx: &Context) -> Result<String> {
        let answer = cx.elicit_url("Log in", "https://example.com").await?;
        Ok(format!("{answer:?}"))
    }

    /// Counts your roots.
    #[mcp_tool]
    async fn work(&self, cx: &Context) -> Result<String> {
        Ok(cx.roots().key("where").await?.len().to_string())
    }

    #[mcp_resource("asking://profile", mime_type = "text/plain")]
    async fn profile(&self, cx: &Context) -> Result<String> {
        Ok(name(cx.elicit::<Name>("Who?").key("who").await?))
    }

    #[mcp_prompt]
    fn letter(&self, to: &str) -> String {
        format!("Write to {to}.")
    }

    #[mcp_completion(prompt = "letter", argument = "to")]
    async fn addressees(&self, _typed: &str, cx: &Context) -> Result<Vec<String>> {
        self.waiter.fetch_add(1, Ordering::Relaxed);
        Ok(vec![name(cx.elicit::<Name>("Whom?").await?)])
    }
}

async fn asking() -> Wire {
    Wire::stateless(Asking::default())
        .await
        .declaring(json!({ "elicitation": {}, "sampling": {}, "roots": {} }))
}

fn accept(name: &str) -> Value {
    json!({ "action": "accept", "content": { "name": name } })
}

/// The state of an answer that asks for input.
fn state(answer: &Value) -> &str {
    assert_eq!(answer["result"]["resultType"], "input_required", "{answer}");
    answer["result"]["requestState"].as_str().unwrap()
}

#[tokio::test]
async fn the_retry_with_the_answer_completes_the_call() {
    let wire = asking().await;
    let call = json!({ "name": "greet", "arguments": { "greeting": "Good morning" } });
    let asked = wire.modern("tools/call", call.clone()).await;
    assert_eq!(
        asked["result"]["inputRequests"]["who"]["method"],
        "elicitation/create"
    );
    let mut retry = call;
    retry["requestState"] = json!(state(&asked));
    retry["inputResponses"] = json!({ "who": accept("Ada"), "unasked": accept("Eve") });
    let done = wire.modern("tools/call", retry).await;
    assert_eq!(text(&done), "Good morning, Ada!");
    assert_eq!(done["result"]["resultType"], "complete");
}

#[tokio::test]
async fn a_state_belongs_to_its_request() {
    let wire = asking().await;
    let morning = json!({ "name": "greet", "arguments": { "greeting": "Morning" } });
    let asked = wire.modern("tools/call", morning).await;
    let state = state(&asked);
    let retry = |name: &str, arguments: Value, state: &str| {
        json!({
            "name": name, "arguments": arguments, "requestState": state,
            "inputResponses": { "who": accept("Ada") },
        })
    };
    for (what, params) in [
        (
            "tool",
            retry("introduce", json!({ "greeting": "Morning" }), state),
        ),
        (
            "arguments",
            retry("greet", json!({ "greeting": "Evening" }), state),
        ),
        ("arguments", retry("greet", json!({}), state)),
        (
            "text",
            retry(
                "greet",
                json!({ "greeting": "Morning" }),
                &format!("{state}x"),
            ),
        ),
        ("text", retry("greet", json!({ "greeting": "Morning" }), "")),
    ] {
        let answer = wire.modern("tools/call", params).await;
        assert_eq!(code(&answer), -32602, "another {what}");
    }
    let mut read = retry("greet", json!({}), state);
    read["uri"] = json!("asking://profile");
    assert_eq!(code(&wire.modern("resources/read", read).await), -32602);
    // The same arguments may be spelled another way.
    let text_of_call = retry("greet", json!({ "greeting": "Morning" }), state)
        .to_string()
        .replace("\"Morning\"", "  \"\\u004dorning\"");
    let spelled = wire
        .modern("tools/call", serde_json::from_str(&text_of_call).unwrap())
        .await;
    assert_eq!(text(&spelled), "Morning, Ada!");
}

#[tokio::test]
async fn a_state_is_refused_even_where_nothing_is_asked() {
    let wire = asking().await;
    let params = json!({ "name": "letter", "arguments": { "to": "Ada" }, "requestState": "x" });
    assert_eq!(code(&wire.modern("prompts/get", params).await), -32602);
}

#[tokio::test]
async fn an_answer_that_is_missing_is_asked_for_again() {
    let wire = asking().await;
    let asked = wire.call("introduce").await;
    let retry = json!({
        "name": "introduce", "requestState": state(&asked),
        "inputResponses": { "someone": accept("Ada") },
    });
    let again = wire.modern("tools/call", retry).await;
    assert!(
        again["result"]["inputRequests"]["who"].is_object(),
        "{again}"
    );
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_an_error() {
    let wire = asking().await;
    let asked = wire.call("introduce").await;
    for responses in [
        json!({ "who": 12345 }),
        json!({ "who": { "action": "perhaps" } }),
        json!({ "who": { "action": "accept", "content": { "name": 7 } } }),
        json!({ "who": { "action": "accept" } }),
        json!(null),
        json!([]),
    ] {
        let retry = json!({
            "name": "introduce", "requestState": state(&asked), "inputResponses": responses,
        });
        let answer = wire.modern("tools/call", retry).await;
        assert_eq!(code(&answer), -32602, "{responses}");
    }
}

#[tokio::test]
async fn a_user_may_decline() {
    let wire = asking().await;
    let asked = wire.call("introduce").await;
    for action in ["decline", "cancel"] {
        let retry = json!({
            "name": "introduce", "requestState": state(&asked),
            "inputResponses": { "who": { "action": action } },
        });
        let done = wire.modern("tools/call", retry).await;
        assert_eq!(text(&done), "nobody");
    }
}

#[tokio::test]
async fn a_step_runs_once_however_many_rounds_there_are() {
    let server = Arc::new(Asking::default());
    let wire = Wire::stateless(Arc::clone(&server))
        .await
        .declaring(json!({ "elicitation": {} }));
    let first = wire.call("pay").await;
    let retry = |answer: &Value, key: &str, name: &str| {
        json!({
            "name": "pay", "requestState": state(answer), "inputResponses": { key: accept(name) },
        })
    };
    let second = wire
        .modern("tools/call", retry(&first, "payer", "Ada"))
        .await;
    assert!(second["result"]["inputRequests"]["payee"].is_object());
    assert_ne!(state(&first), state(&second));
    let done = wire
        .modern("tools/call", retry(&second, "payee", "Bob"))
        .await;
    assert_eq!(text(&done), "Ada paid Bob 1 time");
    assert_eq!(server.charged.load(Ordering::Relaxed), 1);
}

/// A server whose `send` has asked to whom, and the retry that names somebody.
async fn sending() -> (Arc<Asking>, Wire, impl Fn(&str) -> Value) {
    let server = Arc::new(Asking::default());
    let wire = Wire::stateless(Arc::clone(&server))
        .await
        .declaring(json!({ "elicitation": {} }));
    let asked = wire.call("send").await;
    let state = state(&asked).to_owned();
    let retry = move |to: &str| {
        json!({
            "name": "send", "requestState": state, "inputResponses": { "to": accept(to) },
        })
    };
    (server, wire, retry)
}

#[tokio::test]
async fn a_round_that_is_sent_again_is_answered_as_before() {
    let (server, wire, retry) = sending().await;
    let first = wire.modern("tools/call", retry("Ada")).await;
    assert_eq!(text(&first), "letter 1 to Ada");
    for _ in 0..3 {
        let again = wire.modern("tools/call", retry("Ada")).await;
        assert_eq!(again["result"], first["result"]);
    }
    assert_eq!(server.sent.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_round_that_had_effects_takes_no_other_answer() {
    let (server, wire, retry) = sending().await;
    assert_eq!(
        text(&wire.modern("tools/call", retry("Ada")).await),
        "letter 1 to Ada"
    );
    let other = wire.modern("tools/call", retry("Eve")).await;
    let tampered = json!({ "name": "send", "requestState": "x", "inputResponses": {} });
    let tampered = wire.modern("tools/call", tampered).await;
    assert_eq!(code(&other), -32602);
    assert_eq!(
        other["error"], tampered["error"],
        "all bad states look alike"
    );
    assert_eq!(server.sent.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn of_many_that_redeem_one_round_at_once_one_has_effects() {
    let (server, wire, retry) = sending().await;
    for id in 0..8 {
        wire.start(json!(id), "tools/call", retry("Ada"));
    }
    for _ in 0..8 {
        assert_eq!(text(&wire.recv().await), "letter 1 to Ada");
    }
    assert_eq!(server.sent.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_round_whose_effect_failed_may_be_sent_again() {
    let (server, wire, retry) = sending().await;
    server.broken.store(true, Ordering::Relaxed);
    let failed = wire.modern("tools/call", retry("Ada")).await;
    assert_eq!(text(&failed), "the post is closed");
    server.broken.store(false, Ordering::Relaxed);
    let done = wire.modern("tools/call", retry("Ada")).await;
    assert_eq!(text(&done), "letter 1 to Ada");
}

#[tokio::test]
async fn rounds_without_effects_may_repeat() {
    let wire = asking().await;
    let asked = wire.call("introduce").await;
    for who in ["Ada", "Eve", "Ada"] {
        let retry = json!({
            "name": "introduce", "requestState": state(&asked),
            "inputResponses": { "who": accept(who) },
        });
        assert_eq!(text(&wire.modern("tools/call", retry).await), who);
    }
}

#[tokio::test]
async fn replicas_with_one_store_and_one_key_redeem_a_round_once() {
    let store: Arc<dyn KeyValue> = Arc::new(MemoryStore::new());
    let server = Arc::new(Asking::default());
    let replica = || {
        Arc::clone(&server)
            .into_server()
            .with_store(Arc::clone(&store))
            .key_ring(KeyRing::new([[7; 32]]))
    };
    let elicitation = || json!({ "elicitation": {} });
    let one = Wire::stateless(replica()).await.declaring(elicitation());
    let two = Wire::stateless(replica()).await.declaring(elicitation());
    let asked = one.call("send").await;
    let retry = json!({
        "name": "send", "requestState": state(&asked), "inputResponses": { "to": accept("Ada") },
    });
    let first = two.modern("tools/call", retry.clone()).await;
    let again = one.modern("tools/call", retry).await;
    assert_eq!(text(&first), "letter 1 to Ada");
    assert_eq!(again["result"], first["result"]);
    assert_eq!(server.sent.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn one_key_never_answers_two_questions() {
    let wire = asking().await;
    let asked = wire.call("confuse").await;
    let retry = json!({
        "name": "confuse", "requestState": state(&asked),
        "inputResponses": { "who": accept("Ada") },
    });
    let answer = wire.modern("tools/call", retry).await;
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert!(text(&answer).contains("`who`"), "{answer}");
}

#[tokio::test]
async fn a_call_that_never_stops_asking_is_given_up() {
    let wire = asking().await;
    let mut answer = wire.call("pester").await;
    let mut rounds = 0;
    while answer["result"]["resultType"] == "input_required" {
        rounds += 1;
        assert!(rounds < 100, "no end in sight");
        let requests = answer["result"]["inputRequests"].as_object().unwrap();
        let responses: serde_json::Map<_, _> = requests
            .keys()
            .map(|key| (key.clone(), accept("Ada")))
            .collect();
        let retry = json!({
            "name": "pester", "requestState": state(&answer), "inputResponses": responses,
        });
        answer = wire.modern("tools/call", retry).await;
    }
    assert_eq!(code(&answer), -32602);
}

#[tokio::test]
async fn what_the_client_did_not_declare_is_never_asked() {
    for (tool, declared, missing) in [
        ("think", json!({}), json!({ "sampling": {} })),
        ("work", json!({ "sampling": {} }), json!({ "roots": {} })),
        (
            "introduce",
            json!({}),
            json!({ "elicitation": { "form": {} } }),
        ),
        (
            "introduce",
            json!({ "elicitation": { "url": {} } }),
            json!({ "elicitation": { "form": {} } }),
        ),
        // No mode means forms only.
        (
            "visit",
            json!({ "elicitation": {} }),
            json!({ "elicitation": { "url": {} } }),
        ),
    ] {
        let wire = Wire::stateless(Asking::default()).await.declaring(declared);
        let answer = wire.call(tool).await;
        assert_eq!(code(&answer), -32021, "{tool}");
        assert_eq!(
            answer["error"]["data"]["requiredCapabilities"], missing,
            "{tool}"
        );
    }
}

#[tokio::test]
async fn a_question_carries_no_envelope_and_its_result_no_cache_hints() {
    let wire = asking().await;
    let asked = wire
        .modern("resources/read", json!({ "uri": "asking://profile" }))
        .await;
    state(&asked);
    let result = asked["result"].as_object().unwrap();
    assert!(!result.contains_key("ttlMs") && !result.contains_key("cacheScope"));
    let question = result["inputRequests"]["who"].as_object().unwrap();
    let members: Vec<_> = question.keys().map(String::as_str).collect();
    assert_eq!(members, ["method", "params"]);
    assert_eq!(question["params"].get("_meta"), None);
}

#[tokio::test]
async fn only_calls_reads_and_prompts_may_ask() {
    let wire = asking().await;
    let params = json!({
        "ref": { "type": "ref/prompt", "name": "letter" },
        "argument": { "name": "to", "value": "" },
    });
    let answer = wire.modern("completion/complete", params).await;
    assert_eq!(code(&answer), -32603);
}

#[middleware]
async fn confirm(call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
    let cx = call.context().clone();
    match cx.elicit::<Name>("Who wants that?").key("caller").await? {
        Answer::Accepted(caller) if caller.name == "Ada" => next.run(call).await,
        _ => Ok(ToolResult::error("not you")),
    }
}

#[middleware]
async fn ask_on_lists(
    list: ToolList<'_>,
    next: Next<'_>,
) -> Result<purlin::middleware::Listing<purlin::protocol::Tool>> {
    list.context().roots().await?;
    next.run(list).await
}

#[tokio::test]
async fn middleware_may_ask_before_a_call() {
    let server: Server = Asking::default().into_server().middleware(confirm);
    let wire = Wire::stateless(server)
        .await
        .declaring(json!({ "elicitation": {} }));
    let asked = wire.call("introduce").await;
    assert!(asked["result"]["inputRequests"]["caller"].is_object());
    let retry = json!({
        "name": "introduce", "requestState": state(&asked),
        "inputResponses": { "caller": accept("Ada") },
    });
    let asked = wire.modern("tools/call", retry).await;
    assert!(
        asked["result"]["inputRequests"]["who"].is_object(),
        "{asked}"
    );
    let retry = json!({
        "name": "introduce", "requestState": state(&asked),
        "inputResponses": { "who": accept("Ada Lovelace") },
    });
    let done = wire.modern("tools/call", retry).await;
    assert_eq!(text(&done), "Ada Lovelace");
}

#[tokio::test]
async fn lists_are_never_questions() {
    let server = Asking::default().into_server().middleware(ask_on_lists);
    let wire = Wire::stateless(server)
        .await
        .declaring(json!({ "roots": {} }));
    assert_eq!(code(&wire.modern("tools/list", json!({})).await), -32603);
}
