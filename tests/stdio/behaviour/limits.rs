//! What is too much, and what is just not.

use serde_json::{Value, json};

use crate::client::{Era, Naughty, code_of, request, text_of};

const LIMIT: usize = 4 * 1024 * 1024;
const INVALID_PARAMS: i64 = -32602;

/// A call of `recall` that is this many bytes long.
fn recall_of(era: Era, bytes: usize) -> String {
    let empty = json!({ "name": "recall", "arguments": { "name": "" } });
    let whole = |name: &str| {
        let mut params = empty.clone();
        params["arguments"]["name"] = name.into();
        request(era, &json!("long"), "tools/call", params).to_string()
    };
    let line = whole(&"x".repeat(bytes - whole("").len()));
    assert_eq!(line.len(), bytes);
    line
}

#[test]
fn a_line_of_4_mib_is_served() {
    for mut server in Naughty::both() {
        server.line(recall_of(server.era(), LIMIT));
        assert!(server.answer(&json!("long"))["result"].is_object());
    }
}

#[test]
fn a_longer_line_is_skipped_and_answered_once() {
    for mut server in Naughty::both() {
        server.line(recall_of(server.era(), LIMIT + 1));
        server.line("x".repeat(3 * LIMIT));
        for _ in 0..2 {
            let answer = server.next();
            assert_eq!(code_of(&answer), -32600);
            assert!(answer.get("id").is_none_or(Value::is_null), "{answer}");
        }
        server.assert_healthy();
    }
}

#[test]
fn lines_that_are_too_long_are_not_kept() {
    let mut server = Naughty::modern();
    let long = |server: &mut Naughty| {
        server.line(vec![b'x'; 16 * LIMIT]);
        assert_eq!(code_of(&server.next()), -32600);
    };
    long(&mut server);
    let before = server.memory();
    for _ in 0..5 {
        long(&mut server);
    }
    let growth = server.memory().saturating_sub(before);
    assert!(growth < 4 * 1024 * 1024, "{growth} bytes more");
}

#[test]
fn a_request_of_a_hundred_thousand_parameters_is_served() {
    for mut server in Naughty::both() {
        let mut params = json!({ "name": "add", "arguments": { "a": 1, "b": 2 } });
        for n in 0..100_000 {
            params[format!("p{n}")] = json!(0);
        }
        server.say(&request(server.era(), &json!(1), "tools/call", params));
        assert_eq!(text_of(&server.answer(&json!(1))), "3");
    }
}

#[test]
fn a_hundred_thousand_unknown_arguments_get_a_short_answer() {
    for mut server in Naughty::both() {
        let mut arguments = json!({ "a": 1, "b": 2 });
        for n in 0..100_000 {
            arguments[format!("p{n}")] = json!(0);
        }
        let answer = server.call("add", arguments);
        assert_eq!(answer["result"]["isError"], true);
        let text = text_of(&answer);
        assert!(text.len() < 4096 && text.contains("more"), "{text}");
    }
}

#[test]
fn a_huge_batch_is_refused_as_a_whole() {
    for version in ["2025-03-26", "2025-11-25"] {
        let mut server = Naughty::session_of(version);
        server.line(format!("[{}]", vec!["0"; 1_000_000].join(",")));
        assert_eq!(code_of(&server.next()), -32600);
        server.assert_healthy();
    }
}

#[test]
fn a_result_of_a_mebibyte_arrives_whole() {
    for mut server in Naughty::both() {
        for _ in 0..4 {
            let text = server.text("big", json!({ "bytes": 1024 * 1024 }));
            assert_eq!(text.len(), 1024 * 1024);
        }
    }
}

#[test]
fn a_uri_is_at_most_8_kib_long() {
    for mut server in Naughty::both() {
        let uri = |bytes: usize| format!("note://by-name/{}", "x".repeat(bytes - 15));
        let read = server.ask("resources/read", json!({ "uri": uri(8 * 1024) }));
        assert!(read["result"].is_object(), "{read}");
        let refused = server.ask("resources/read", json!({ "uri": uri(8 * 1024 + 1) }));
        assert_eq!(code_of(&refused), INVALID_PARAMS);
    }
    let mut server = Naughty::session();
    let uri = "note://".to_owned() + &"x".repeat(8 * 1024);
    let refused = server.ask("resources/subscribe", json!({ "uri": uri }));
    assert_eq!(code_of(&refused), INVALID_PARAMS);
}

#[test]
fn a_session_subscribes_to_at_most_a_thousand_resources() {
    let mut server = Naughty::session();
    let uri = |n: u32| json!({ "uri": format!("note://by-name/{n}") });
    for n in 0..1000 {
        assert!(server.ask("resources/subscribe", uri(n))["result"].is_object());
    }
    assert_eq!(
        code_of(&server.ask("resources/subscribe", uri(1000))),
        INVALID_PARAMS
    );
    assert!(server.ask("resources/subscribe", uri(0))["result"].is_object());
    assert!(server.ask("resources/unsubscribe", uri(0))["result"].is_object());
    assert!(server.ask("resources/subscribe", uri(1000))["result"].is_object());
}

#[test]
fn a_stream_watches_at_most_a_thousand_resources() {
    let mut server = Naughty::modern();
    let uris: Vec<_> = (0..1001).map(|n| format!("note://by-name/{n}")).collect();
    let params = json!({ "notifications": { "resourceSubscriptions": uris } });
    assert_eq!(
        code_of(&server.ask("subscriptions/listen", params)),
        INVALID_PARAMS
    );
}

#[test]
fn a_cursor_is_sealed_and_at_most_1_kib_long() {
    for mut server in Naughty::both() {
        let first = server.ask("tools/list", json!({}));
        let cursor = first["result"]["nextCursor"].as_str().unwrap().to_owned();
        let next = server.ask("tools/list", json!({ "cursor": cursor }));
        assert_ne!(next["result"]["tools"], first["result"]["tools"]);
        let tampered = if cursor.ends_with('A') { "B" } else { "A" };
        let tampered = cursor[..cursor.len() - 1].to_owned() + tampered;
        let long = "x".repeat(1025);
        for bad in ["", "5", "a+b/c", &tampered, &format!("{cursor}x"), &long] {
            let refused = server.ask("tools/list", json!({ "cursor": bad }));
            assert_eq!(code_of(&refused), INVALID_PARAMS, "{bad}");
        }
        let elsewhere = server.ask("resources/list", json!({ "cursor": cursor }));
        assert_eq!(code_of(&elsewhere), INVALID_PARAMS);
        for bad in [json!(5), json!(["x"]), json!({})] {
            let refused = server.ask("tools/list", json!({ "cursor": bad }));
            assert_eq!(code_of(&refused), INVALID_PARAMS);
        }
    }
}

#[test]
fn a_request_state_is_at_most_64_kib_long() {
    let mut server = Naughty::modern();
    let params =
        json!({ "name": "ask", "arguments": {}, "requestState": "x".repeat(64 * 1024 + 1) });
    assert_eq!(code_of(&server.ask("tools/call", params)), INVALID_PARAMS);
}

#[test]
fn a_name_that_is_repeated_to_the_client_is_cut() {
    for mut server in Naughty::both() {
        let long = "\u{e4}".repeat(100_000);
        for answer in [
            server.ask(&long, json!({})),
            server.call(&long, json!({})),
            server.ask("prompts/get", json!({ "name": long })),
        ] {
            let message = answer["error"]["message"].as_str().unwrap();
            assert!(message.chars().count() < 200, "{message}");
        }
    }
}

#[test]
fn beyond_256_calls_in_flight_nothing_is_lost() {
    for mut server in Naughty::both() {
        let slow: Vec<_> = (0..1000)
            .map(|_| server.start("slow", json!({ "millis": 20 })))
            .collect();
        server.hang_up();
        let answers = server.rest();
        for id in &slow {
            let of_this = answers.iter().filter(|answer| answer["id"] == *id);
            assert_eq!(of_this.map(text_of).collect::<Vec<_>>(), ["20"]);
        }
        assert_eq!(answers.len(), slow.len());
        server.assert_ends_well();
    }
}
