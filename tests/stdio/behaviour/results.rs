//! What answers say about requests that cannot be met.

use serde_json::{Value, json};

use crate::client::{Era, Naughty, code_of, request, text_of};

const INVALID_PARAMS: i64 = -32602;

#[test]
fn unknown_tools_prompts_and_references_are_invalid_params() {
    for mut server in Naughty::both() {
        let prompt = json!({ "type": "ref/prompt", "name": "nobody" });
        let resource = json!({ "type": "ref/resource", "uri": "nobody://{x}" });
        let argument = json!({ "name": "x", "value": "" });
        for (method, params) in [
            ("tools/call", json!({ "name": "nobody", "arguments": {} })),
            ("prompts/get", json!({ "name": "nobody" })),
            (
                "completion/complete",
                json!({ "ref": prompt, "argument": argument }),
            ),
            (
                "completion/complete",
                json!({ "ref": resource, "argument": argument }),
            ),
        ] {
            let answer = server.ask(method, params);
            assert_eq!(code_of(&answer), INVALID_PARAMS, "{answer}");
        }
    }
}

#[test]
fn an_unknown_resource_has_the_code_of_its_era_and_names_the_uri() {
    for (mut server, code) in Naughty::both().into_iter().zip([-32002, INVALID_PARAMS]) {
        let answer = server.ask("resources/read", json!({ "uri": "nobody://at-all" }));
        assert_eq!(code_of(&answer), code);
        assert_eq!(answer["error"]["data"]["uri"], "nobody://at-all");
    }
}

#[test]
fn malformed_params_are_invalid_params() {
    for mut server in Naughty::both() {
        for (method, params) in [
            ("tools/call", json!({})),
            ("tools/call", json!({ "name": 1 })),
            ("tools/call", json!({ "name": "add", "arguments": [1, 2] })),
            ("tools/call", json!({ "name": "add", "arguments": "a" })),
            ("resources/read", json!({})),
            ("resources/read", json!({ "uri": ["note://count"] })),
            ("prompts/get", json!({})),
            (
                "prompts/get",
                json!({ "name": "brief", "arguments": { "topic": 1 } }),
            ),
            ("completion/complete", json!({})),
            ("completion/complete", json!({ "ref": {}, "argument": {} })),
        ] {
            let answer = server.ask(method, params.clone());
            assert_eq!(
                code_of(&answer),
                INVALID_PARAMS,
                "{method} {params}: {answer}"
            );
        }
    }
}

#[test]
fn arguments_that_do_not_fit_are_a_failed_call_that_names_them_all() {
    for mut server in Naughty::both() {
        let answer = server.call("add", json!({ "a": "1", "b": 2.5, "c": 3 }));
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        let text = text_of(&answer);
        for name in ["$.a", "$.b", "$.c"] {
            assert!(text.contains(name), "{text}");
        }
    }
}

#[test]
fn arguments_are_not_coerced() {
    for mut server in Naughty::both() {
        for wrong in [
            json!("1"),
            json!(1.5),
            json!(true),
            json!(null),
            json!([1]),
            json!({}),
        ] {
            let answer = server.call("add", json!({ "a": wrong, "b": 1 }));
            assert_eq!(answer["result"]["isError"], true, "{answer}");
        }
        let arguments = r#"{"a":1,"a":2,"b":1}"#;
        let params = json!({ "name": "add", "arguments": "HERE" });
        let twice = request(server.era(), &json!("twice"), "tools/call", params).to_string();
        server.line(twice.replace("\"HERE\"", arguments));
        assert_eq!(server.answer(&json!("twice"))["result"]["isError"], true);
    }
}

#[test]
fn arguments_at_the_edge_of_their_type_are_exact() {
    for mut server in Naughty::both() {
        let most = i64::MAX;
        assert_eq!(
            server.text("add", json!({ "a": most, "b": 0 })),
            most.to_string()
        );
        let too_much = server.call("add", json!({ "a": u64::MAX, "b": 0 }));
        assert_eq!(too_much["result"]["isError"], true);
        // An overflow panics in a debug build and wraps in another; it never ends the server.
        server.call("add", json!({ "a": most, "b": most }));
        server.assert_healthy();
    }
}

#[test]
fn deep_arguments_are_a_failed_call() {
    for mut server in Naughty::both() {
        let mut deep = json!(1);
        for _ in 0..120 {
            deep = json!([deep]);
        }
        let answer = server.call("add", json!({ "a": deep, "b": 1 }));
        assert_eq!(answer["result"]["isError"], true);
    }
}

#[test]
fn variables_of_a_template_are_one_harmless_segment() {
    for mut server in Naughty::both() {
        let read = server.ask("resources/read", json!({ "uri": "note://by-name/a%20b" }));
        assert_eq!(read["result"]["contents"][0]["text"], "no note a b");
        for bad in [
            "",
            "a/b",
            "..",
            "%2e%2e",
            "a%2fb",
            "%5c",
            "%00",
            "%2fetc%2fpasswd",
            "%ff",
            "%",
        ] {
            let uri = format!("note://by-name/{bad}");
            let answer = server.ask("resources/read", json!({ "uri": uri }));
            assert!(answer["error"].is_object(), "{uri}: {answer}");
        }
    }
}

#[test]
fn structured_results_have_the_shape_of_their_era() {
    for mut server in Naughty::both() {
        let answer = server.call("sum", json!({ "a": 1, "b": 2 }));
        assert_eq!(answer["result"]["structuredContent"], json!({ "sum": 3 }));
        let text: Value = serde_json::from_str(&text_of(&answer)).unwrap();
        assert_eq!(text, json!({ "sum": 3 }));
        let modern = server.era() == Era::Modern;
        assert_eq!(answer["result"].get("resultType").is_some(), modern);
    }
}
