//! What is a message, and what is answered to what is none.

use serde_json::{Value, json};

use crate::client::{Era, Naughty, request};

/// A line that is no message: what is wrong with it, the line, the code of
/// the answer, and the id it carries.
type Bad = (&'static str, Vec<u8>, i64, Option<&'static str>);

const PARSE: i64 = -32700;
const INVALID: i64 = -32600;
const PARAMS: i64 = -32602;

/// Every way in which a line can be bad.
fn bad_lines() -> Vec<Bad> {
    let text = |what, line: &str, code, id| (what, line.as_bytes().to_vec(), code, id);
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":{open}{close}}}}}"#)
    };
    vec![
        text("no JSON", "this is not JSON", PARSE, None),
        text(
            "half a message",
            r#"{"jsonrpc":"2.0","id":1,"method":"#,
            PARSE,
            None,
        ),
        text(
            "a comma too much",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping",}"#,
            PARSE,
            None,
        ),
        text("single quotes", "{'jsonrpc':'2.0'}", PARSE, None),
        text(
            "two messages on a line",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping"} {}"#,
            PARSE,
            None,
        ),
        text(
            "a number with a leading zero",
            r#"{"jsonrpc":"2.0","id":01,"method":"ping"}"#,
            PARSE,
            None,
        ),
        text(
            "not a number",
            r#"{"jsonrpc":"2.0","id":NaN,"method":"ping"}"#,
            PARSE,
            None,
        ),
        text(
            "a lone surrogate",
            r#"{"jsonrpc":"2.0","id":"\ud800","method":"ping"}"#,
            PARSE,
            None,
        ),
        (
            "a control character in a text",
            b"{\"jsonrpc\":\"2.0\",\"id\":\"\x01\",\"method\":\"ping\"}".to_vec(),
            PARSE,
            None,
        ),
        ("NUL", b"\0".to_vec(), PARSE, None),
        (
            "NUL inside",
            b"{\"jsonrpc\":\"2.0\",\0\"id\":1,\"method\":\"ping\"}".to_vec(),
            PARSE,
            None,
        ),
        (
            "NUL behind",
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\0".to_vec(),
            PARSE,
            None,
        ),
        (
            "a byte order mark",
            b"\xEF\xBB\xBF{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}".to_vec(),
            PARSE,
            None,
        ),
        (
            "invalid UTF-8",
            b"{\"jsonrpc\":\"2.0\",\"id\":\"\xFF\",\"method\":\"ping\"}".to_vec(),
            PARSE,
            None,
        ),
        (
            "an overlong encoding",
            b"{\"jsonrpc\":\"2.0\",\"id\":\"\xC0\x80\",\"method\":\"ping\"}".to_vec(),
            PARSE,
            None,
        ),
        ("UTF-16", b"{\0\"\0j\0\"\0:\x001\0}\0".to_vec(), PARSE, None),
        text("129 levels", &nested(127), PARSE, None),
        text("a million levels", &"[".repeat(1_000_000), PARSE, None),
        text(
            "a million objects",
            &r#"{"a":"#.repeat(600_000),
            PARSE,
            None,
        ),
        text("null", "null", INVALID, None),
        text("a number", "42", INVALID, None),
        text("a text", "\"ping\"", INVALID, None),
        text("an empty object", "{}", INVALID, None),
        text(
            "no version",
            r#"{"id":1,"method":"ping"}"#,
            INVALID,
            Some("1"),
        ),
        text(
            "another version",
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            INVALID,
            Some("1"),
        ),
        text(
            "a version that is a number",
            r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#,
            INVALID,
            Some("1"),
        ),
        text(
            "no method",
            r#"{"jsonrpc":"2.0","id":1}"#,
            INVALID,
            Some("1"),
        ),
        text(
            "a method in capitals",
            r#"{"jsonrpc":"2.0","id":1,"Method":"ping"}"#,
            INVALID,
            Some("1"),
        ),
        text(
            "a method that is a number",
            r#"{"jsonrpc":"2.0","id":"x","method":1}"#,
            INVALID,
            Some("\"x\""),
        ),
        text(
            "a method and a result",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
            INVALID,
            Some("1"),
        ),
        text(
            "a result and an error",
            r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#,
            INVALID,
            None,
        ),
        text(
            "the id null",
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            INVALID,
            None,
        ),
        text(
            "a fraction as id",
            r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
            INVALID,
            None,
        ),
        text(
            "an exponent in the id",
            r#"{"jsonrpc":"2.0","id":1e3,"method":"ping"}"#,
            INVALID,
            None,
        ),
        text(
            "an id of 65 bits",
            r#"{"jsonrpc":"2.0","id":18446744073709551616,"method":"ping"}"#,
            INVALID,
            None,
        ),
        text(
            "a boolean as id",
            r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#,
            INVALID,
            None,
        ),
        text(
            "a list as id",
            r#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#,
            INVALID,
            None,
        ),
        text(
            "an object as id",
            r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#,
            INVALID,
            None,
        ),
        text(
            "two methods",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}"#,
            INVALID,
            Some("1"),
        ),
        text(
            "two versions",
            r#"{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}"#,
            INVALID,
            Some("1"),
        ),
        text(
            "a name given twice, once escaped",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","m\u0065thod":"x"}"#,
            INVALID,
            Some("1"),
        ),
        text(
            "two parameters of one name",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1,"a":1}}"#,
            INVALID,
            Some("1"),
        ),
        text(
            "an unknown member given twice",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","x":1,"x":1}"#,
            INVALID,
            Some("1"),
        ),
        text(
            "params that are a list",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#,
            PARAMS,
            Some("1"),
        ),
        text(
            "params that are null",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":null}"#,
            PARAMS,
            Some("1"),
        ),
        text("an empty batch", "[]", INVALID, None),
        text(
            "a batch",
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
            INVALID,
            None,
        ),
        text(
            "a broken batch",
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
            PARSE,
            None,
        ),
    ]
}

#[track_caller]
fn assert_refused(server: &mut Naughty, (what, line, code, id): &Bad) {
    server.line(line.clone());
    let answer = server.next();
    assert_eq!(answer["error"]["code"], *code, "{what}: {answer}");
    let id = id.map(|id| serde_json::from_str::<Value>(id).unwrap());
    let found = answer.get("id").filter(|id| !id.is_null());
    assert_eq!(found, id.as_ref(), "{what}: {answer}");
}

#[test]
fn what_is_no_message_is_refused_in_both_eras_and_the_connection_goes_on() {
    for mut server in Naughty::both() {
        for bad in &bad_lines() {
            assert_refused(&mut server, bad);
        }
        server.assert_healthy();
    }
}

#[test]
fn ten_thousand_bad_lines_cost_nothing_but_time() {
    let mut server = Naughty::modern();
    let bad = bad_lines();
    // Deep lines are long; one round of them is enough.
    let (long, short): (Vec<_>, Vec<_>) = bad.iter().partition(|bad| bad.1.len() > 100_000);
    for bad in long.iter().chain(&short) {
        assert_refused(&mut server, bad);
    }
    let before = server.memory();
    for bad in short.iter().cycle().take(10_000) {
        server.line(bad.1.clone());
    }
    for (what, _, code, _) in short.iter().cycle().take(10_000) {
        let answer = server.next();
        assert_eq!(answer["error"]["code"], *code, "{what}: {answer}");
    }
    server.assert_healthy();
    let growth = server.memory().saturating_sub(before);
    assert!(growth < 4 * 1024 * 1024, "{growth} bytes more");
}

#[test]
fn ids_are_echoed_digit_for_digit() {
    let ids = [
        "0",
        "-0",
        "-1",
        "1.0",
        "9007199254740993",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "\"\"",
        "\"1\"",
        "\"\u{e4}\u{1f600}\"",
        r#""\u00e4\ud83d\ude00\/\"\\""#,
        r#""\u0000""#,
    ];
    for mut server in Naughty::both() {
        for id in ids {
            let params = json!({ "name": "add", "arguments": { "a": 1, "b": 2 } });
            let message = request(server.era(), &json!("HERE"), "tools/call", params).to_string();
            server.line(message.replace("\"HERE\"", id));
            let line = server.next_line().unwrap();
            assert!(line.contains(&format!("\"id\":{id},")), "{id}: {line}");
            assert!(line.contains("\"result\""), "{id}: {line}");
        }
    }
}

#[test]
fn the_id_of_a_refused_request_is_echoed_digit_for_digit() {
    let mut server = Naughty::modern();
    server.line(r#"{"jsonrpc":"2.0","id":1.0,"method":"tools/call","params":7}"#);
    assert!(server.next_line().unwrap().contains("\"id\":1.0,"));
}

#[test]
fn unknown_members_are_passed_over() {
    for mut server in Naughty::both() {
        let params = json!({ "name": "add", "arguments": { "a": 1, "b": 2 }, "extra": [1, 2] });
        let mut message = request(server.era(), &json!(1), "tools/call", params);
        message["extra"] = json!({ "deep": [null] });
        server.say(&message);
        assert_eq!(
            server.answer(&json!(1))["result"]["content"][0]["text"],
            "3"
        );
    }
}

#[test]
fn a_message_without_an_id_is_never_executed_as_a_request() {
    for mut server in Naughty::both() {
        let params = json!({ "name": "remember", "arguments": { "name": "x", "text": "y" } });
        let mut message = request(server.era(), &json!(1), "tools/call", params);
        message.as_object_mut().unwrap().remove("id");
        server.say(&message);
        server.assert_healthy();
        assert_eq!(
            server.call("recall", json!({ "name": "x" }))["result"]["content"],
            json!([])
        );
    }
}

#[test]
fn notifications_are_never_answered() {
    for mut server in Naughty::both() {
        for method in [
            "notifications/initialized",
            "notifications/unheard_of",
            "ping",
            "tools/list",
        ] {
            server.say(&json!({ "jsonrpc": "2.0", "method": method }));
            server.say(&json!({ "jsonrpc": "2.0", "method": method, "params": { "a": 1 } }));
        }
        let id = server.start("add", json!({ "a": 1, "b": 1 }));
        assert_eq!(server.next()["id"], id);
    }
}

#[test]
fn answers_nobody_asked_for_are_passed_over() {
    for mut server in Naughty::both() {
        for answer in [
            json!({ "jsonrpc": "2.0", "id": 1, "result": {} }),
            json!({ "jsonrpc": "2.0", "id": "x", "result": null }),
            json!({ "jsonrpc": "2.0", "id": 99, "error": { "code": 1, "message": "no" } }),
            json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32700, "message": "what?" } }),
            json!({ "jsonrpc": "2.0", "error": { "code": -32700, "message": "what?" } }),
            json!({ "jsonrpc": "2.0", "id": 1, "error": 17 }),
        ] {
            server.say(&answer);
        }
        let id = server.start("add", json!({ "a": 1, "b": 1 }));
        assert_eq!(server.next()["id"], id);
    }
}

#[test]
fn blank_lines_and_carriage_returns_mean_nothing() {
    for mut server in Naughty::both() {
        let message = request(server.era(), &json!(7), "tools/list", json!({}));
        server.write(format!("\n\r\n  \t\n{message}\r\n\n"));
        assert_eq!(server.next()["id"], 7);
        server.assert_healthy();
    }
}

#[test]
fn a_message_may_arrive_byte_by_byte() {
    for mut server in Naughty::both() {
        let params =
            json!({ "name": "remember", "arguments": { "name": "x", "text": "\u{1f600}" } });
        let message = request(server.era(), &json!(7), "tools/call", params);
        for byte in format!("{message}\n").into_bytes() {
            server.write([byte]);
        }
        assert_eq!(server.next()["id"], 7);
        assert_eq!(server.text("recall", json!({ "name": "x" })), "\u{1f600}");
    }
}

#[test]
fn many_messages_may_arrive_at_once() {
    for mut server in Naughty::both() {
        let mut all = String::new();
        for id in 0..1000 {
            let params = json!({ "name": "add", "arguments": { "a": id, "b": 1 } });
            all += &format!(
                "{}\n",
                request(server.era(), &json!(id), "tools/call", params)
            );
        }
        server.write(all);
        for id in 0..1000 {
            let answer = server.next();
            assert_eq!(answer["id"], id);
            assert_eq!(answer["result"]["content"][0]["text"], (id + 1).to_string());
        }
    }
}

#[test]
fn both_eras_may_share_a_connection() {
    let mut server = Naughty::session();
    for id in 0..100 {
        for era in [Era::Session, Era::Modern] {
            let params = json!({ "name": "add", "arguments": { "a": id, "b": 1 } });
            server.say(&request(era, &json!(id), "tools/call", params));
            let answer = server.next();
            assert_eq!(answer["id"], id);
            let modern = answer["result"].get("resultType").is_some();
            assert_eq!(modern, era == Era::Modern, "{answer}");
        }
    }
}
