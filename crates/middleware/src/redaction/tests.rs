use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Redaction, Redactor};
use crate::fixture::{Wire, server, tool};

const CANARY: &str = "cAnArY-7f3a";

/// Any of the names, in any case, with separators and a prefix.
fn secret_name() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "password",
        "token",
        "secret",
        "api_key",
        "apikey",
        "access_key",
        "private-key",
        "authorization",
        "cookie",
        "credentials",
        "passphrase",
        "client_secret",
        "refreshToken",
    ]);
    let case = prop::collection::vec(any::<bool>(), 40);
    let prefix = prop::sample::select(vec!["", "db_", "x-", "user.", "my "]);
    (names, case, prefix).prop_map(|(name, case, prefix)| {
        let cased = name
            .chars()
            .zip(case)
            .map(|(c, upper)| if upper { c.to_ascii_uppercase() } else { c });
        prefix.chars().chain(cased).collect()
    })
}

/// A secret at any depth, in objects, arrays and texts that are JSON.
fn hidden_secret() -> impl Strategy<Value = Value> {
    let leaf = secret_name().prop_flat_map(|name| {
        prop::sample::select(vec![
            json!({ name.clone(): CANARY }),
            json!({ name.clone(): [CANARY] }),
            json!({ name.clone(): { "value": CANARY }, "city": "Paris" }),
        ])
    });
    leaf.prop_recursive(8, 32, 3, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|value| json!({ "plain": value, "n": 1 })),
            inner.clone().prop_map(|value| json!(["x", value])),
            inner.prop_map(|value| json!({ "body": value.to_string() })),
        ]
    })
}

proptest! {
    #[test]
    fn no_secret_stays_at_any_depth_and_in_any_case(value in hidden_secret()) {
        let text = value.to_string();
        let redacted = Redactor::new().json(&text).into_owned();
        prop_assert!(!redacted.contains(CANARY), "{redacted}");
        let as_text = Redactor::new().text(&text).into_owned();
        prop_assert!(!as_text.contains(CANARY), "{as_text}");
    }

    #[test]
    fn redacting_twice_is_redacting_once(value in hidden_secret()) {
        let redactor = Redactor::new();
        let once = redactor.json(&value.to_string()).into_owned();
        prop_assert_eq!(redactor.json(&once).into_owned(), once);
    }
}

#[test]
fn what_is_no_secret_stays() {
    let value = json!({"city": "Paris", "max_tokens": 512, "path": "/etc", "n": [1, null, true]});
    assert_eq!(Redactor::new().json(&value.to_string()), value.to_string());
}

#[test]
fn a_number_can_be_a_secret() {
    let redacted = Redactor::new()
        .json(r#"{"pin":1234,"token":5,"PassWord":false}"#)
        .into_owned();
    assert_eq!(
        redacted,
        r#"{"PassWord":"[REDACTED]","pin":"[REDACTED]","token":"[REDACTED]"}"#
    );
}

#[test]
fn what_is_no_json_is_not_written() {
    assert_eq!(Redactor::new().json(r#"{"password":"x"#), "[REDACTED]");
    assert_eq!(Redactor::new().text(r#"{"password":"x"#), "[REDACTED]");
    assert_eq!(Redactor::new().text("all is well"), "all is well");
}

#[test]
fn names_can_be_added() {
    let redactor = Redactor::new().also(["I-BAN", "--"]);
    assert!(redactor.is_secret("customer_iban"));
    assert!(!redactor.is_secret("city"));
}

#[tokio::test]
async fn secrets_in_answers_do_not_reach_the_client() {
    let server = server().middleware(Redaction::default());
    let told = tool("told", |_, _| async {
        let text = json!({ "token": CANARY, "city": "Paris" }).to_string();
        Ok(purlin_core::ToolResult::text(text))
    });
    server.add_tool(told).unwrap();
    let wire = Wire::to(&server).await;
    let arguments = json!({ "user": { "password": CANARY }, "city": "Paris" });
    for answer in [
        wire.call("echo", arguments).await,
        wire.call("told", json!({})).await,
    ] {
        let answer = answer.to_string();
        assert!(
            !answer.contains(CANARY) && answer.contains("Paris"),
            "{answer}"
        );
    }
}
