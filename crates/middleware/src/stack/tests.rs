use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use purlin_core::{
    BoxFuture, DynamicTool, Middleware, Principal, Result, ToolResult,
    middleware::{AnyRequest, AnyResponse, Hooks, Listing, Next, ToolList},
    protocol::Tool,
};
use serde_json::json;

use super::{Layer, Stack};
use crate::{
    ErrorHandling, Logging, RateLimit,
    fixture::{Wire, Written, caller, server, text},
    rate_limit::OperationClass,
};

/// Says when a request passes it on its way in and out.
struct Probe(&'static str, Written);

impl Middleware for Probe {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        Box::pin(async move {
            self.1.push(self.0);
            let result = next.run(request).await;
            self.1.push(format!("/{}", self.0));
            result
        })
    }
}

/// What a request passes on its way in; the way out has to be the reverse.
async fn trace(stack: Stack, written: &Written) -> Vec<String> {
    let wire = Wire::to(&stack.around(server())).await;
    wire.call("echo", json!({})).await;
    let trace = written.take();
    let (inwards, outwards) = trace.split_at(trace.len() / 2);
    let reversed: Vec<_> = outwards
        .iter()
        .rev()
        .map(|name| name.trim_start_matches('/').to_owned())
        .collect();
    assert_eq!(inwards, reversed);
    inwards.to_vec()
}

#[tokio::test]
async fn the_order_is_that_of_the_places_however_they_are_filled() {
    let written = Written::default();
    let mut layers = Layer::ALL;
    layers.reverse();
    layers.swap(3, 9);
    let stack = layers.into_iter().fold(Stack::new(), |stack, layer| {
        stack.with(layer, Probe(layer.name(), written.clone()))
    });
    let expected: Vec<_> = Layer::ALL.into_iter().map(Layer::name).collect();
    assert_eq!(trace(stack, &written).await, expected);
}

#[tokio::test]
async fn what_is_between_the_places_runs_there() {
    let written = Written::default();
    let probe = |name| Probe(name, written.clone());
    let stack = Stack::new()
        .after(Layer::Logging, "first after", probe("first after"))
        .with(Layer::Timing, probe("timing"))
        .with(Layer::Logging, probe("logging"))
        .before(Layer::Timing, "before", probe("before"))
        .after(Layer::Logging, "second after", probe("second after"));
    let names = stack.names();
    assert_eq!(
        names,
        ["logging", "first after", "second after", "before", "timing"]
    );
    assert_eq!(trace(stack, &written).await, names);
}

#[test]
fn the_stacks_are_what_their_docs_say() {
    assert_eq!(
        Stack::development().names(),
        [
            "logging",
            "timing",
            "error_handling",
            "timeout",
            "response_limit",
            "dereference"
        ]
    );
    assert_eq!(
        Stack::production().names(),
        [
            "logging",
            "timing",
            "error_handling",
            "timeout",
            "rate_limit",
            "concurrency",
            "response_limit",
            "retry",
            "circuit_breaker",
            "dereference",
            "ping",
        ]
    );
}

#[tokio::test]
async fn a_request_passes_the_stacks_in_the_order_of_their_places() {
    for stack in [Stack::development, Stack::production] {
        let written = Written::default();
        let names = stack().names();
        let layers = Layer::ALL
            .into_iter()
            .filter(|layer| names.contains(&layer.name()));
        // A probe on either side of each, which the middleware between them let through.
        let stack = layers.fold(stack(), |stack, layer| {
            let probe = || Probe(layer.name(), written.clone());
            stack
                .before(layer, "outside", probe())
                .after(layer, "inside", probe())
        });
        let expected: Vec<_> = names.iter().flat_map(|name| [*name; 2]).collect();
        assert_eq!(trace(stack, &written).await, expected);
    }
}

#[tokio::test]
async fn places_can_be_emptied_and_filled_anew() {
    let written = Written::default();
    let sink = written.clone();
    let logging = Logging::human()
        .methods(["tools/call"])
        .to(move |_, line| sink.push(line));
    let stack = Stack::production()
        .with(Layer::Logging, logging)
        .without(Layer::ErrorHandling);
    assert!(!stack.names().contains(&"error_handling"));
    let wire = Wire::to(&stack.around(server())).await;
    let answer = wire.call("fail", json!({})).await;
    assert_eq!(text(&answer), "sold out\nCode: sold_out");
    assert!(answer["result"]["_meta"]["purlin/error"].is_null());
    assert_eq!(written.take().len(), 2);
}

#[tokio::test]
async fn a_whole_production_stack_serves_and_masks() {
    let errors = ErrorHandling::new().mask(true);
    let stack = Stack::production().with(Layer::ErrorHandling, errors.clone());
    let wire = Wire::to(&stack.around(server())).await;
    let answer = wire.call("echo", json!({ "city": "Paris" })).await;
    assert_eq!(text(&answer), r#"{"city":"Paris"}"#);
    let answer = wire.call("fail", json!({})).await;
    assert!(answer["result"]["_meta"]["purlin/error"]["correlationId"].is_string());
    assert!(wire.ask("tools/list", json!({})).await["result"]["tools"].is_array());
    assert_eq!(errors.statistics()["Tool:tools/call"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_burst_delays_a_session_and_locks_nobody_out() {
    let server = Stack::production().around(server());
    let origin = || caller(Principal::new("alice"));
    let busy = Wire::from(&server, origin()).await;
    let mut refused = None;
    for _ in 0..200 {
        let answer = busy.ask("tools/list", json!({})).await;
        if answer["error"]["code"] == 429 {
            refused = Some(answer);
            break;
        }
    }
    assert!(refused.is_some(), "200 requests at once are let through");

    let initialize = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    } });
    let late = Wire::from(&server, origin()).await;
    late.say(&initialize);
    let answer = late.hear().await;
    assert_eq!(answer["error"]["code"], 429, "{answer}");
    let wait = answer["error"]["data"]["retryAfterMs"].as_u64().unwrap();
    assert!(wait <= 20, "{answer}");
    tokio::time::advance(Duration::from_millis(wait)).await;
    late.say(&initialize);
    assert!(late.hear().await["result"].is_object());
}

#[tokio::test(start_paused = true)]
async fn how_often_a_caller_begins_can_be_bounded_alone() {
    let rate = "1/s".parse().unwrap();
    let limit = RateLimit::new().class(OperationClass::Introduction, rate, 1);
    let stack = Stack::production().with(Layer::RateLimit, limit);
    let wire = Wire::from(&stack.around(server()), caller(Principal::new("alice"))).await;
    assert!(wire.ask("server/discover", json!({})).await["result"].is_object());
    let refused = wire.ask("server/discover", json!({})).await;
    assert_eq!(refused["error"]["code"], 429, "{refused}");
    assert!(wire.ask("tools/list", json!({})).await["result"].is_object());
}

/// Keeps the lists of tools that pass it.
struct Lists(Arc<Mutex<Vec<Listing<Tool>>>>);

impl Middleware for Lists {
    fn hooks(&self) -> Hooks {
        Hooks::TOOL_LIST
    }

    fn on_list_tools<'a>(
        &'a self,
        list: ToolList<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Listing<Tool>>> {
        Box::pin(async move {
            let tools = next.run(list).await?;
            self.0.lock().unwrap().push(tools.clone());
            Ok(tools)
        })
    }
}

#[tokio::test]
async fn a_list_behind_the_whole_stack_is_made_once() {
    let referring = json!({
        "type": "object",
        "properties": { "to": { "$ref": "#/$defs/city" } },
        "$defs": { "city": { "type": "string" } },
    });
    for schema in [json!({ "type": "object" }), referring] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let tool = Tool::new("go", schema.into());
        let tool = DynamicTool::new(tool, |_, _| async { Ok(ToolResult::text("gone")) });
        let server = server();
        server.add_tool(tool).unwrap();
        let stack = Stack::production().before(Layer::Logging, "lists", Lists(seen.clone()));
        let server = stack.around(server);
        let wire = Wire::to(&server).await;
        let first = wire.ask("tools/list", json!({})).await;
        assert!(!first.to_string().contains("$ref"));
        assert_eq!(wire.ask("tools/list", json!({})).await, first);
        let lists = std::mem::take(&mut *seen.lock().unwrap());
        assert!(lists[0].is(&lists[1]), "it is worked out anew");

        // A change of the server is seen.
        server
            .add_tool(crate::fixture::tool("more", |_, _| async {
                Ok(ToolResult::text(""))
            }))
            .unwrap();
        let changed = wire.ask("tools/list", json!({})).await;
        let count =
            |answer: &serde_json::Value| answer["result"]["tools"].as_array().unwrap().len();
        assert_eq!(count(&changed), count(&first) + 1);
    }
}
