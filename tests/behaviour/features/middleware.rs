use std::sync::{Arc, Mutex};

use purlin::Server;
use purlin::middleware::{AnyMessage, AnyRequest, AnyResponse};
use purlin::prelude::*;
use serde_json::json;

use crate::features::connect;

type Lines = Arc<Mutex<Vec<String>>>;

/// Writes down when each of its hooks begins and ends.
struct Trace {
    name: &'static str,
    lines: Lines,
}

impl Trace {
    fn note(&self, what: &str) {
        self.lines
            .lock()
            .unwrap()
            .push(format!("{} {what}", self.name));
    }
}

#[middleware]
impl Trace {
    async fn message(&self, message: AnyMessage<'_>, next: Next<'_>) -> Result<AnyResponse> {
        if message.method() != "tools/call" {
            return next.run(message).await;
        }
        self.note("message");
        let response = next.run(message).await;
        self.note("message done");
        response
    }

    async fn request(&self, request: AnyRequest<'_>, next: Next<'_>) -> Result<AnyResponse> {
        if request.method() != "tools/call" {
            return next.run(request).await;
        }
        self.note("request");
        let response = next.run(request).await;
        self.note("request done");
        response
    }

    async fn call(&self, call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
        self.note(&format!("call {}", call.name()));
        let result = next.run(call).await;
        self.note("call done");
        result
    }
}

#[mcp_server]
mod child {
    /// Runs.
    #[mcp_tool]
    fn run(n: i64) -> i64 {
        n
    }
}

fn trace(name: &'static str, lines: &Lines) -> Trace {
    Trace {
        name,
        lines: Arc::clone(lines),
    }
}

#[purlin::test(eras)]
async fn the_first_added_is_outermost_and_the_child_s_chain_comes_last() {
    let lines = Lines::default();
    let child = child::Server
        .into_server()
        .middleware(trace("child", &lines));
    let server = Server::builder("parent", "1.0.0")
        .middleware(trace("outer", &lines))
        .middleware(trace("inner", &lines));
    server.mount("c", &child).unwrap();
    let client = connect(server).await;
    assert_eq!(
        client.call::<i64>("c_run", json!({"n": 1})).await.unwrap(),
        1
    );
    let lines = lines.lock().unwrap().clone();
    let began: Vec<_> = lines
        .iter()
        .filter(|line| !line.ends_with("done"))
        .collect();
    let position = |line: &str| began.iter().position(|began| began.as_str() == line);
    assert_eq!(
        began[..6],
        [
            "outer message",
            "outer request",
            "outer call c_run",
            "inner message",
            "inner request",
            "inner call c_run"
        ]
    );
    assert!(position("child call run").is_some(), "{lines:?}");
    assert_eq!(lines.last().map(String::as_str), Some("outer message done"));
}

#[middleware]
async fn double(call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
    let arguments: serde_json::Value = call.decode()?;
    let doubled = json!({"n": arguments["n"].as_i64().unwrap_or_default() * 2});
    next.run(call.with_arguments(&doubled)?).await
}

#[middleware]
async fn refuse(call: ToolCall<'_>, _next: Next<'_>) -> Result<ToolResult> {
    Ok(ToolResult::error(format!("{} is closed", call.name())))
}

#[purlin::test(eras)]
async fn a_middleware_may_change_or_answer_a_call() {
    let client = connect(child::Server.into_server().middleware(double)).await;
    assert_eq!(client.call::<i64>("run", json!({"n": 4})).await.unwrap(), 8);
    let client = connect(child::Server.into_server().middleware(refuse)).await;
    let error = client
        .call::<i64>("run", json!({"n": 4}))
        .await
        .unwrap_err();
    assert_eq!(error.tool_result().unwrap().text(), "run is closed");
}

/// Writes down what would be printed of each operation.
struct Printed(Lines);

#[middleware]
impl Printed {
    async fn message(&self, message: AnyMessage<'_>, next: Next<'_>) -> Result<AnyResponse> {
        let printed = format!("{message:?}");
        self.0.lock().unwrap().push(printed);
        next.run(message).await
    }
}

#[mcp_server]
mod secrets {
    /// Takes anything.
    #[mcp_tool]
    fn take(word: String) -> usize {
        word.len()
    }

    /// Anything.
    #[mcp_resource("words://{word}{?also}")]
    fn word(word: String, also: Option<String>) -> usize {
        word.len() + also.map_or(0, |also| also.len())
    }

    /// Anything.
    #[mcp_prompt]
    fn say(word: String) -> String {
        word
    }

    #[mcp_completion(prompt = "say", argument = "word")]
    fn words(_typed: &str) -> Vec<String> {
        Vec::new()
    }
}

#[purlin::test(eras)]
async fn nothing_of_the_arguments_is_printed() {
    let lines = Lines::default();
    let server = secrets::Server
        .into_server()
        .middleware(Printed(Arc::clone(&lines)));
    let client = connect(server).await;
    let word = || json!({ "word": "hunter2" });
    client.call::<usize>("take", word()).await.unwrap();
    client.read("words://hunter2?also=hunter2").await.unwrap();
    client.get_prompt("say", word()).await.unwrap();
    let reference = purlin::protocol::Reference::prompt("say");
    let params = purlin::protocol::CompleteParams::new(reference, "word", "hunter2");
    client
        .complete(params.with_known("other", "hunter2"))
        .await
        .unwrap();
    let printed = lines.lock().unwrap().join("\n");
    for named in ["take", "words://{word}", "say", "Complete"] {
        assert!(printed.contains(named), "{printed}");
    }
    assert!(!printed.contains("hunter2"), "{printed}");
}
