//! The session era on standard input and output: one session to a process.

use serde_json::{Value, json};

use crate::client::{Era, Naughty, code_of, initialize, request, text_of};

#[test]
fn requests_before_initialize_are_refused_and_ping_is_answered() {
    let mut server = Naughty::modern();
    for method in [
        "tools/list",
        "tools/call",
        "server/discover",
        "no/such/method",
    ] {
        server.say(&request(
            Era::Session,
            &json!(1),
            method,
            json!({ "name": "add" }),
        ));
        let answer = server.next();
        assert_eq!((code_of(&answer), &answer["id"]), (-32602, &json!(1)));
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains("initialize"), "{message}");
    }
    server.say(&request(Era::Session, &json!(2), "ping", json!({})));
    assert_eq!(
        server.next(),
        json!({ "jsonrpc": "2.0", "id": 2, "result": {} })
    );
    server.initialize("2025-11-25");
    server.assert_healthy();
}

#[test]
fn every_revision_with_sessions_is_agreed_on() {
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut server = Naughty::modern();
        let answer = server.initialize(version);
        assert_eq!(answer["result"]["protocolVersion"], version);
        server.assert_healthy();
    }
}

#[test]
fn an_unknown_revision_is_answered_with_our_newest() {
    for version in ["2099-01-01", "2026-07-28", "1", "", "2025-11-25 "] {
        let mut server = Naughty::modern();
        let answer = server.initialize(version);
        assert_eq!(
            answer["result"]["protocolVersion"], "2025-11-25",
            "{version:?}"
        );
    }
}

#[test]
fn a_malformed_initialize_opens_nothing() {
    let mut server = Naughty::modern();
    for (name, value) in [("protocolVersion", json!(1)), ("clientInfo", json!([]))] {
        let mut message = initialize(1, "2025-11-25");
        message["params"][name] = value;
        server.say(&message);
        assert_eq!(code_of(&server.next()), -32602, "{name}");
        message["params"].as_object_mut().unwrap().remove(name);
        server.say(&message);
        assert_eq!(code_of(&server.next()), -32602, "{name}");
    }
    server.initialize("2025-11-25");
    server.assert_healthy();
}

#[test]
fn a_second_initialize_is_refused_and_changes_nothing() {
    let mut server = Naughty::session_of("2025-03-26");
    server.say(&initialize(9, "2025-11-25"));
    assert_eq!(code_of(&server.answer(&json!(9))), -32600);
    server.line(r#"[{"jsonrpc":"2.0","id":10,"method":"ping"}]"#);
    assert_eq!(
        server.next_line().unwrap(),
        "[{\"jsonrpc\":\"2.0\",\"id\":10,\"result\":{}}]\n"
    );
}

#[test]
fn unknown_methods_and_those_of_the_other_era_are_not_found() {
    let mut server = Naughty::session();
    for method in [
        "no/such/method",
        "",
        "tools/Call",
        "server/discover",
        "subscriptions/listen",
        "tasks/get",
    ] {
        let answer = server.ask(method, json!({}));
        assert_eq!(code_of(&answer), -32601, "{method}");
    }
    server.assert_healthy();
}

#[test]
fn batches_belong_to_sessions_of_2025_03_26() {
    let batch = r#"[{"jsonrpc":"2.0","id":"a","method":"ping"},{"jsonrpc":"2.0","method":"x"}]"#;
    let mut server = Naughty::session_of("2025-03-26");
    server.line(batch);
    assert_eq!(
        server.next(),
        json!([{ "jsonrpc": "2.0", "id": "a", "result": {} }])
    );
    for version in ["2024-11-05", "2025-06-18", "2025-11-25"] {
        let mut server = Naughty::session_of(version);
        server.line(batch);
        assert_eq!(code_of(&server.next()), -32600, "{version}");
        server.assert_healthy();
    }
}

#[test]
fn each_message_of_a_batch_is_answered_for_itself() {
    let mut server = Naughty::session_of("2025-03-26");
    let call = |id: &str, tool: &str, arguments: Value| {
        let params = json!({ "name": tool, "arguments": arguments });
        request(Era::Session, &json!(id), "tools/call", params)
    };
    server.say(&json!([
        call("slow", "slow", json!({ "millis": 1 })),
        call("panic", "panic_at_once", json!({})),
        call("add", "add", json!({ "a": 1, "b": 1 })),
        { "jsonrpc": "2.0", "method": "notifications/unheard_of" },
        { "jsonrpc": "2.0", "id": 5, "result": {} },
        { "jsonrpc": "1.0", "id": "bad", "method": "ping" },
        17,
        [],
    ]));
    let answers = server.next();
    let answers = answers.as_array().unwrap();
    let of = |id: &str| answers.iter().find(|answer| answer["id"] == id).unwrap();
    assert_eq!(text_of(of("slow")), "1");
    assert_eq!(text_of(of("add")), "2");
    assert_eq!(of("panic")["result"]["isError"], true);
    assert_eq!(code_of(of("bad")), -32600);
    let nameless = answers.iter().filter(|answer| answer["id"].is_null());
    assert_eq!(nameless.map(code_of).collect::<Vec<_>>(), [-32600, -32600]);
    assert_eq!(answers.len(), 6);
}

#[test]
fn a_batch_that_wants_no_answer_gets_none() {
    let mut server = Naughty::session_of("2025-03-26");
    server.line(r#"[{"jsonrpc":"2.0","method":"x"},{"jsonrpc":"2.0","id":1,"result":{}}]"#);
    let id = server.start("add", json!({ "a": 1, "b": 1 }));
    assert_eq!(server.next()["id"], id);
}

#[test]
fn an_answer_reaches_the_call_that_asked() {
    let mut server = Naughty::session();
    let calls: Vec<_> = (0..20)
        .map(|n| server.start("ask_about", json!({ "what": format!("n{n}") })))
        .collect();
    let mut asked = Vec::new();
    for n in 0..20 {
        let question = server.find(|message| message["params"]["message"] == format!("n{n}"));
        assert_eq!(question["method"], "elicitation/create");
        asked.push(question["id"].clone());
    }
    for (n, id) in asked.iter().enumerate().rev() {
        let content = json!({ "action": "accept", "content": { "yes": n % 2 == 0 } });
        server.say(&json!({ "jsonrpc": "2.0", "id": id, "result": content }));
    }
    for (n, id) in calls.iter().enumerate() {
        assert_eq!(text_of(&server.answer(id)), format!("Some({})", n % 2 == 0));
    }
}

#[test]
fn a_question_is_answered_once_and_bad_answers_fail_only_the_call() {
    let mut server = Naughty::session();
    for (answer, fails) in [
        (
            json!({ "result": { "action": "accept", "content": { "yes": true } } }),
            false,
        ),
        (json!({ "result": { "action": "decline" } }), false),
        (json!({ "result": { "action": "cancel" } }), false),
        (
            json!({ "result": { "action": "accept", "content": { "yes": "maybe" } } }),
            true,
        ),
        (json!({ "result": { "action": "accept" } }), true),
        (json!({ "result": { "action": "perhaps" } }), true),
        (json!({ "result": null }), true),
        (json!({ "error": { "code": -1, "message": "no" } }), true),
        (json!({ "error": "no" }), true),
    ] {
        let id = server.start("ask", json!({}));
        let question = server.notification("elicitation/create");
        let mut message = answer.clone();
        message["jsonrpc"] = json!("2.0");
        message["id"] = question["id"].clone();
        server.say(&message);
        server.say(&message);
        let result = server.answer(&id);
        let failed = result["result"]["isError"] == true || result["error"].is_object();
        assert_eq!(failed, fails, "{answer}: {result}");
    }
    server.assert_healthy();
}

#[test]
fn more_calls_than_may_be_in_flight_may_all_ask() {
    let mut server = Naughty::session();
    let calls: Vec<_> = (0..600).map(|_| server.start("ask", json!({}))).collect();
    for _ in &calls {
        let question = server.notification("elicitation/create");
        let result = json!({ "action": "decline" });
        server.say(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": result }));
    }
    for id in &calls {
        assert_eq!(text_of(&server.answer(id)), "declined");
    }
}

#[test]
fn the_level_of_a_session_holds_for_its_logs() {
    let mut server = Naughty::session();
    let answer = server.ask("logging/setLevel", json!({ "level": "critical" }));
    assert_eq!(answer["result"], json!({}));
    let id = server.start("log", json!({}));
    let mut levels = Vec::new();
    loop {
        let message = server.next();
        if message["id"] == id {
            break;
        }
        levels.push(message["params"]["level"].as_str().unwrap().to_owned());
    }
    assert_eq!(levels, ["critical", "alert", "emergency"]);
    for level in [json!("loud"), json!(3), json!(null)] {
        let answer = server.ask("logging/setLevel", json!({ "level": level }));
        assert_eq!(code_of(&answer), -32602);
    }
}

#[test]
fn changes_are_told_to_those_who_subscribed() {
    let mut server = Naughty::session();
    server.ask("resources/subscribe", json!({ "uri": "note://count" }));
    server.text("touch", json!({ "uri": "note://by-name/other" }));
    server.text("touch", json!({ "uri": "note://count" }));
    let told = server.notification("notifications/resources/updated");
    assert_eq!(told["params"]["uri"], "note://count");
    server.text("grow", json!({ "name": "grown" }));
    server.notification("notifications/tools/list_changed");
    assert_eq!(server.text("grown", json!({})), "grown");
}
