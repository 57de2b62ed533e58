use std::time::Duration;

use purlin_core::{Context, Result, Server, ToolResult};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{CEILING, Timeout};
use crate::fixture::{Wire, server, text, tool};

const SECOND: Duration = Duration::from_secs(1);

/// Works for `seconds`, and says so each second where it is asked to.
async fn work(cx: Context, seconds: u64) -> Result<ToolResult> {
    for second in 1..=seconds {
        sleep(SECOND).await;
        cx.progress(second, seconds);
    }
    Ok(ToolResult::text("done"))
}

/// A server whose own limit is out of the way.
fn working(timeout: Timeout) -> Server {
    let server = server().timeout(None).middleware(timeout);
    for name in ["work", "import"] {
        let tool = tool(name, |cx, arguments| {
            work(cx, arguments["seconds"].as_u64().unwrap_or(0))
        });
        server.add_tool(tool).unwrap();
    }
    server
}

/// Calls a tool that works for so long; gives the answer and when it came.
async fn call(timeout: Timeout, name: &str, seconds: u64, progress: bool) -> (Value, Duration) {
    let wire = Wire::to(&working(timeout)).await;
    let started = Instant::now();
    let mut params = json!({ "name": name, "arguments": { "seconds": seconds } });
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    if progress {
        params["_meta"]["progressToken"] = json!(7);
    }
    wire.say(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }));
    loop {
        let heard = wire.hear().await;
        if heard.get("id").is_some() {
            return (heard, started.elapsed());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_limit() {
    let timeout = Timeout::after(5 * SECOND);
    let (answer, took) = call(timeout.clone(), "work", 60, false).await;
    assert_eq!(answer["result"]["isError"], true);
    assert_eq!(
        text(&answer),
        "the tool was stopped: it took longer than 5s"
    );
    assert_eq!(took, 5 * SECOND);
    let (answer, _) = call(timeout, "work", 4, false).await;
    assert_eq!(text(&answer), "done");
}

#[tokio::test(start_paused = true)]
async fn tools_and_methods_have_limits_of_their_own() {
    let timeout = Timeout::after(SECOND)
        .method("tools/call", 5 * SECOND)
        .tool("import", 9 * SECOND);
    assert_eq!(call(timeout.clone(), "work", 60, false).await.1, 5 * SECOND);
    assert_eq!(call(timeout, "import", 60, false).await.1, 9 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn the_shorter_limit_wins() {
    let server = working(Timeout::after(9 * SECOND)).timeout(3 * SECOND);
    let wire = Wire::to(&server).await;
    let answer = wire.call("work", json!({ "seconds": 60 })).await;
    assert_eq!(
        text(&answer),
        "the tool was stopped: it took longer than 3s"
    );
}

#[tokio::test(start_paused = true)]
async fn progress_renews_the_time_where_that_is_wanted() {
    let timeout = Timeout::after(5 * SECOND);
    assert_eq!(call(timeout.clone(), "work", 60, true).await.1, 5 * SECOND);
    let renewed = timeout.renewed_by_progress(true);
    let (answer, took) = call(renewed, "work", 60, true).await;
    assert_eq!((text(&answer), took), ("done", 60 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn no_progress_goes_beyond_the_ceiling() {
    let timeout = Timeout::after(5 * SECOND).renewed_by_progress(true);
    let (answer, took) = call(timeout, "work", 10_000, true).await;
    assert_eq!(answer["result"]["isError"], true);
    assert_eq!(took, CEILING);
}

#[tokio::test]
async fn a_limit_beyond_the_ceiling_is_the_ceiling() {
    let timeout = Timeout::after(2 * CEILING).tool("import", 3 * CEILING);
    assert_eq!((timeout.limit, timeout.tools["import"]), (CEILING, CEILING));
}

/// Works for so long, asks, and works again; says how long the deadline was away
/// each time.
async fn ask_in_between(cx: Context, before: Duration, after: Duration) -> Result<ToolResult> {
    let left = |cx: &Context| cx.deadline().unwrap() - Instant::now();
    let schema = json!({ "type": "object", "properties": {} });
    sleep(before).await;
    let first = left(&cx);
    cx.elicit_form("Sure?", purlin_core::protocol::Schema::from(schema))
        .await?;
    let second = left(&cx);
    sleep(after).await;
    let (first, second) = (first.as_secs(), second.as_secs());
    Ok(ToolResult::text(format!("{first} s, then {second} s")))
}

/// Calls a tool with a limit of 5 s that works, asks a user who thinks for 100 s,
/// and works again; gives the answer and how long it took after that.
async fn thought(before: u64, after: u64, spawned: bool) -> (Value, Duration) {
    let server = server()
        .timeout(None)
        .middleware(Timeout::after(5 * SECOND));
    let ask = tool("ask", move |cx, _| async move {
        let work = ask_in_between(cx, SECOND * before as u32, SECOND * after as u32);
        match spawned {
            true => tokio::spawn(work).await.unwrap(),
            false => work.await,
        }
    });
    server.add_tool(ask).unwrap();
    let wire = Wire::to(&server).await;
    wire.open_session().await;
    wire.say(&json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": { "name": "ask", "arguments": {} } }));
    let question = wire.hear().await;
    assert_eq!(question["method"], "elicitation/create");
    sleep(100 * SECOND).await;
    wire.say(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept", "content": {} } }));
    let answered = Instant::now();
    (wire.hear().await, answered.elapsed())
}

#[tokio::test(start_paused = true)]
async fn the_clock_stands_while_a_user_thinks_and_the_deadline_moves() {
    for spawned in [false, true] {
        let (answer, _) = thought(3, 1, spawned).await;
        assert_eq!(text(&answer), "2 s, then 2 s");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_does_not_wind_the_clock_up_again() {
    for spawned in [false, true] {
        let (answer, took) = thought(3, 60, spawned).await;
        assert_eq!(
            text(&answer),
            "the tool was stopped: it took longer than 5s"
        );
        assert!(took <= 3 * SECOND, "{took:?}");
        if !spawned {
            assert_eq!(took, 2 * SECOND);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_may_be_renewed_has_the_ceiling_as_its_deadline() {
    let timeout = Timeout::after(5 * SECOND).renewed_by_progress(true);
    let server = server().middleware(timeout);
    let left = tool("left", |cx: Context, _| async move {
        let left = cx.deadline().unwrap() - Instant::now();
        Ok(ToolResult::text(left.as_secs().to_string()))
    });
    server.add_tool(left).unwrap();
    let answer = Wire::to(&server).await.call("left", json!({})).await;
    assert_eq!(text(&answer), CEILING.as_secs().to_string());
}
