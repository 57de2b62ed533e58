//! Handlers that panic, hang, block and flood harm nobody but their own call.

use serde_json::{Value, json};

use crate::client::{Era, Naughty, text_of};

/// The progress that belongs to a call, and the answer, in the order they came.
fn told(server: &mut Naughty, id: &Value) -> (Vec<f64>, usize, Value) {
    let (mut progress, mut logs) = (Vec::new(), 0);
    loop {
        let message = server.next();
        match message["method"].as_str() {
            Some("notifications/progress") => {
                assert_eq!(message["params"]["progressToken"], "p");
                progress.push(message["params"]["progress"].as_f64().unwrap());
            }
            Some("notifications/message") => logs += 1,
            _ if message["id"] == *id => return (progress, logs, message),
            _ => panic!("unexpected: {message}"),
        }
    }
}

fn start_with_progress(server: &mut Naughty, tool: &str, arguments: Value) -> Value {
    let mut meta = json!({ "progressToken": "p" });
    if server.era() == Era::Modern {
        meta["io.modelcontextprotocol/logLevel"] = json!("info");
    }
    let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
    server.request("tools/call", params)
}

#[test]
fn a_panic_is_one_failed_call() {
    for mut server in Naughty::both() {
        for tool in [
            "panic_at_once",
            "panic_later",
            "panic_blocking",
            "panic_with_a_number",
        ] {
            let answer = server.call(tool, json!({}));
            assert_eq!(answer["result"]["isError"], true, "{tool}: {answer}");
            server.assert_healthy();
        }
        assert_eq!(server.text("panic_in_a_task", json!({})), "true");
        server.assert_healthy();
    }
}

#[test]
fn a_panic_in_a_resource_a_prompt_or_a_completion_is_one_failed_request() {
    for mut server in Naughty::both() {
        let reference = json!({ "type": "ref/prompt", "name": "panicking_prompt" });
        let argument = json!({ "name": "word", "value": "x" });
        for (method, params) in [
            ("resources/read", json!({ "uri": "panic://resource" })),
            (
                "prompts/get",
                json!({ "name": "panicking_prompt", "arguments": { "word": "x" } }),
            ),
            (
                "completion/complete",
                json!({ "ref": reference, "argument": argument }),
            ),
        ] {
            let answer = server.ask(method, params);
            assert_eq!(answer["error"]["code"], -32603, "{method}: {answer}");
            server.assert_healthy();
        }
    }
}

#[test]
fn a_panic_while_a_cancelled_handler_is_dropped_harms_nobody() {
    for mut server in Naughty::both() {
        let id = server.start("panic_when_dropped", json!({}));
        server.assert_healthy();
        server.cancel(&id);
        server.wait_for_error("dropped");
        server.assert_healthy();
        server.hang_up();
        assert_eq!(server.rest(), Vec::<Value>::new());
        server.assert_ends_well();
    }
}

#[test]
fn ten_thousand_panics_leave_the_server_healthy_and_its_memory_flat() {
    let mut server = Naughty::modern();
    let panic = |server: &mut Naughty, times: usize| {
        let calls: Vec<_> = (0..times)
            .map(|_| server.start("panic_later", json!({})))
            .collect();
        for id in calls {
            assert_eq!(server.answer(&id)["result"]["isError"], true);
        }
    };
    panic(&mut server, 1000);
    let before = server.memory();
    for _ in 0..9 {
        panic(&mut server, 1000);
    }
    server.assert_healthy();
    let growth = server.memory().saturating_sub(before);
    assert!(growth < 8 * 1024 * 1024, "{growth} bytes more");
}

#[test]
fn a_handler_that_never_returns_is_stopped_at_its_limit() {
    for mut server in Naughty::both() {
        let answer = server.call("time_out", json!({}));
        assert_eq!(answer["result"]["isError"], true);
        assert!(text_of(&answer).contains("50ms"), "{answer}");
        assert_eq!(server.text("dropped", json!({ "least": 1 })), "1");
        server.assert_healthy();
    }
}

#[test]
fn a_handler_that_never_returns_holds_up_nobody() {
    for mut server in Naughty::both() {
        for _ in 0..100 {
            server.start("pend", json!({}));
        }
        server.assert_healthy();
        assert_eq!(server.text("slow", json!({ "millis": 1 })), "1");
    }
}

#[test]
fn a_handler_that_blocks_its_thread_holds_up_nobody() {
    for mut server in Naughty::both() {
        let blocked: Vec<_> = (0..3).map(|_| server.start("block", json!({}))).collect();
        server.assert_healthy();
        assert_eq!(server.text("slow", json!({ "millis": 1 })), "1");
        assert_eq!(server.text("begun", json!({ "least": 3 })), "3");
        server.text("free", json!({}));
        for id in blocked {
            assert_eq!(text_of(&server.answer(&id)), "true");
        }
        server.assert_healthy();
    }
}

#[test]
fn handlers_that_block_a_pool_of_threads_hold_up_nobody() {
    for mut server in Naughty::both() {
        let blocked: Vec<_> = (0..100)
            .map(|_| server.start("block_aside", json!({})))
            .collect();
        server.assert_healthy();
        assert_eq!(server.text("slow", json!({ "millis": 1 })), "1");
        server.text("free", json!({}));
        for id in blocked {
            assert_eq!(text_of(&server.answer(&id)), "true");
        }
        server.assert_healthy();
    }
}

#[test]
fn a_million_reports_without_waiting_are_answered_and_cost_no_memory() {
    for mut server in Naughty::both() {
        let flood = |server: &mut Naughty| {
            let id = start_with_progress(server, "flood", json!({ "times": 1_000_000 }));
            let (progress, logs, answer) = told(server, &id);
            assert_eq!(text_of(&answer), "1000000");
            assert!(progress.is_sorted_by(|a, b| a < b), "{progress:?}");
            assert_eq!(progress.last(), Some(&1e6), "the newest is kept");
            assert!(progress.len() + logs < 1000, "the rest is dropped");
        };
        flood(&mut server);
        let before = server.memory();
        flood(&mut server);
        let growth = server.memory().saturating_sub(before);
        assert!(growth < 4 * 1024 * 1024, "{growth} bytes more");
        server.assert_healthy();
    }
}

#[test]
fn a_flood_to_a_client_that_reads_grows_strictly() {
    for mut server in Naughty::both() {
        let id = start_with_progress(&mut server, "flood_waiting", json!({ "times": 20_000 }));
        let (progress, _, answer) = told(&mut server, &id);
        assert_eq!(text_of(&answer), "20000");
        assert!(progress.is_sorted_by(|a, b| a < b));
        server.assert_healthy();
    }
}

#[test]
fn progress_never_follows_the_answer() {
    for mut server in Naughty::both() {
        for _ in 0..20 {
            let id = start_with_progress(&mut server, "babble", json!({}));
            told(&mut server, &id);
            // Another call gives the babbler time; its answer is the next thing to hear.
            let id = server.start("slow", json!({ "millis": 1 }));
            assert_eq!(server.next()["id"], id);
        }
    }
}

#[test]
fn a_client_that_does_not_read_costs_bounded_memory_and_loses_nothing_it_needs() {
    let mut server = Naughty::silent();
    let before = server.memory();
    let flood = start_with_progress(
        &mut server,
        "flood_waiting",
        json!({ "times": 1_000_000_u64 }),
    );
    let big: Vec<_> = (0..64)
        .map(|_| server.start("big", json!({ "bytes": 1024 * 1024 })))
        .collect();
    let sums: Vec<_> = (0..20_000)
        .map(|n| server.start("add", json!({ "a": n, "b": 0 })))
        .collect();
    server.wait_for_error("opened second");
    server.listen();
    for id in &big {
        assert_eq!(text_of(&server.answer(id)).len(), 1024 * 1024);
    }
    let growth = server.memory().saturating_sub(before);
    assert!(growth < 48 * 1024 * 1024, "{growth} bytes more");
    for (n, id) in sums.iter().enumerate() {
        assert_eq!(text_of(&server.answer(id)), n.to_string());
    }
    server.cancel(&flood);
    server.assert_healthy();
}
