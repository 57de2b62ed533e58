//! The stateless era on standard input and output: no headers, no session.

use serde_json::{Value, json};

use crate::client::{Naughty, code_of, meta, text_of};

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const LEVEL: &str = "io.modelcontextprotocol/logLevel";

fn list_with(meta: Value) -> Value {
    let params = json!({ "_meta": meta });
    json!({ "jsonrpc": "2.0", "id": "x", "method": "tools/list", "params": params })
}

#[test]
fn what_every_request_has_to_carry_is_missed() {
    let mut server = Naughty::modern();
    for name in [VERSION, CAPABILITIES] {
        let mut meta = meta();
        meta.as_object_mut().unwrap().remove(name);
        server.say(&list_with(meta));
        let answer = server.next();
        assert_eq!(
            (code_of(&answer), &answer["id"]),
            (-32602, &json!("x")),
            "{name}"
        );
    }
}

#[test]
fn what_every_request_carries_must_have_its_type() {
    let mut server = Naughty::modern();
    let wrong = [json!(null), json!(1), json!(true), json!([])];
    for name in [VERSION, CAPABILITIES, LEVEL] {
        for value in &wrong {
            let mut meta = meta();
            meta[name] = value.clone();
            server.say(&list_with(meta));
            assert_eq!(code_of(&server.next()), -32602, "{name}: {value}");
        }
    }
    for meta in [json!(null), json!(1), json!([])] {
        server.say(&list_with(meta));
        assert_eq!(code_of(&server.next()), -32602);
    }
    server.assert_healthy();
}

#[test]
fn a_client_need_not_say_who_it_is() {
    let mut server = Naughty::modern();
    let mut meta = meta();
    meta.as_object_mut()
        .unwrap()
        .remove("io.modelcontextprotocol/clientInfo");
    server.say(&list_with(meta));
    assert!(server.next()["result"].is_object());
}

#[test]
fn an_unsupported_version_is_answered_with_those_that_are() {
    let mut server = Naughty::modern();
    for version in ["2099-01-01", "2025-11-25", "", "x"] {
        let mut meta = meta();
        meta[VERSION] = json!(version);
        server.say(&list_with(meta));
        let answer = server.next();
        assert_eq!(code_of(&answer), -32022, "{version}");
        let data = &answer["error"]["data"];
        assert_eq!(data["requested"], version);
        let supported = data["supported"].as_array().unwrap();
        assert!(supported.contains(&json!("2026-07-28")), "{data}");
    }
}

#[test]
fn unknown_methods_and_those_of_the_other_era_are_not_found() {
    let mut server = Naughty::modern();
    for method in [
        "no/such/method",
        "",
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
    ] {
        assert_eq!(code_of(&server.ask(method, json!({}))), -32601, "{method}");
    }
    server.assert_healthy();
}

#[test]
fn a_capability_the_client_did_not_declare_is_missed_by_name() {
    let mut server = Naughty::modern();
    let answer = server.call("ask", json!({}));
    assert_eq!(code_of(&answer), -32021);
    assert!(answer["error"]["data"]["requiredCapabilities"]["elicitation"].is_object());
}

#[test]
fn a_question_travels_in_the_result_and_never_as_a_request() {
    let mut server = Naughty::modern();
    let asking = json!({ CAPABILITIES: { "elicitation": {} } });
    let call = |server: &mut Naughty, more: Value| {
        let mut params = json!({ "name": "ask", "arguments": {}, "_meta": asking });
        params
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let id = server.request("tools/call", params);
        let answer = server.next();
        assert_eq!(answer["id"], id);
        answer
    };
    let asked = call(&mut server, json!({}));
    assert_eq!(asked["result"]["resultType"], "input_required");
    assert_eq!(
        asked["result"]["inputRequests"]["confirm"]["method"],
        "elicitation/create"
    );
    let state = asked["result"]["requestState"].clone();
    let yes = json!({ "confirm": { "action": "accept", "content": { "yes": true } } });
    let done = call(
        &mut server,
        json!({ "inputResponses": yes, "requestState": state }),
    );
    assert_eq!(text_of(&done), "accepted: true");
    for bad in [
        json!("x"),
        json!(7),
        json!({}),
        json!(format!("{}x", state.as_str().unwrap())),
    ] {
        let refused = call(
            &mut server,
            json!({ "inputResponses": yes, "requestState": bad }),
        );
        assert_eq!(code_of(&refused), -32602);
    }
    for bad in [json!([]), json!("x"), json!(1)] {
        let refused = call(
            &mut server,
            json!({ "inputResponses": bad, "requestState": state }),
        );
        assert_eq!(code_of(&refused), -32602);
    }
}

#[test]
fn logs_are_sent_only_where_a_request_asks_for_them() {
    let mut server = Naughty::modern();
    let id = server.start("log", json!({}));
    assert_eq!(server.next()["id"], id);
    let params = json!({ "name": "log", "arguments": {}, "_meta": { LEVEL: "alert" } });
    let id = server.request("tools/call", params);
    assert_eq!(server.next()["params"]["level"], "alert");
    assert_eq!(server.next()["params"]["level"], "emergency");
    assert_eq!(server.next()["id"], id);
}

#[test]
fn discovery_tells_what_is_there() {
    let mut server = Naughty::modern();
    let answer = server.ask("server/discover", json!({}));
    let result = &answer["result"];
    assert_eq!(result["resultType"], "complete");
    for name in ["tools", "resources", "prompts", "completions"] {
        assert!(result["capabilities"][name].is_object(), "{name}: {result}");
    }
}

#[test]
fn requests_do_not_remember_each_other() {
    let mut server = Naughty::modern();
    let asking = json!({ CAPABILITIES: { "elicitation": {} } });
    let params = json!({ "name": "ask", "arguments": {}, "_meta": asking });
    assert!(server.ask("tools/call", params)["result"].is_object());
    assert_eq!(code_of(&server.call("ask", json!({}))), -32021);
}
