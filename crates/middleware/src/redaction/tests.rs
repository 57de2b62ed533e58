use proptest::prelude::*;
use purlin_core::{
    DynamicPrompt, PromptResult, ToolError,
    protocol::{Content, Prompt, PromptMessage, ResourceContents},
};
use serde_json::{Value, json};

use super::{Redaction, Redactor};
use crate::{
    ErrorHandling,
    fixture::{Wire, server, tool},
};

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
    fn no_secret_stays_in_the_middle_of_a_sentence(value in hidden_secret(), before in "see [a-zé ,.!]{0,20}", after in "[a-zé ,.!]{0,20}") {
        let sentence = format!("{before} {value} {after}");
        let redacted = Redactor::new().text(&sentence).into_owned();
        prop_assert!(!redacted.contains(CANARY), "{redacted}");
        prop_assert!(redacted.starts_with(&before) && redacted.ends_with(&after), "{redacted}");
    }

    #[test]
    fn any_text_can_be_looked_through(text in ".{0,200}") {
        let redactor = Redactor::new();
        let once = redactor.text(&text).into_owned();
        prop_assert_eq!(redactor.text(&once).into_owned(), once);
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
fn secrets_in_sentences_are_known_by_what_is_before_them() {
    for (text, expected) in [
        (
            "login failed: password=hunter2, user=alice",
            "login failed: password=[REDACTED], user=alice",
        ),
        ("api_key='a b c' is bad", "api_key='[REDACTED]' is bad"),
        (
            r#"bad body {"a":[{"x-token":"s","n":1}]} at 7"#,
            r#"bad body {"a":[{"n":1,"x-token":"[REDACTED]"}]} at 7"#,
        ),
        (
            r#"cut off: {"n":1,"secret" : "s \" t", "password":"hunt"#,
            r#"cut off: {"n":1,"secret" : "[REDACTED]", "password":"[REDACTED]"#,
        ),
        (
            "Authorization: Bearer abc.def-123 was refused",
            "Authorization: Bearer [REDACTED] was refused",
        ),
        (
            "no route to postgres://shop:p%40ss@db:5432/shop?sslmode=off",
            "no route to postgres://shop:[REDACTED]@db:5432/shop?sslmode=off",
        ),
        (
            "https://host/callback?code=1&access_token=abc#x",
            "https://host/callback?code=1&access_token=[REDACTED]",
        ),
    ] {
        assert_eq!(Redactor::new().text(text), expected);
    }
    for stays in [
        "invalid token: expected a number",
        "the bearer of this letter",
        "Basic rules apply",
        "fn main() { let token = next(); }",
        "a=b [1] {x} \"quoted\": no secret",
        "https://host:8080/path",
        "mail me@host",
    ] {
        assert_eq!(Redactor::new().text(stays), stays);
    }
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

/// Causes with a secret, as drivers have them.
fn refused() -> purlin_core::Error {
    purlin_core::Error::internal(format!("no way in: {{\"password\":\"{CANARY}\"}}"))
}

#[tokio::test]
async fn secrets_in_prompts_and_errors_do_not_reach_the_client() {
    let deep = json!({ "user": [{ "api_key": CANARY, "city": "Paris" }] });
    let letter = {
        let deep = deep.clone();
        DynamicPrompt::new(Prompt::new("letter"), move |_, _| {
            let embedded = ResourceContents::text("docs://a", deep.to_string());
            let result = PromptResult::new([
                PromptMessage::user(format!("Use {deep} for Paris")),
                PromptMessage::user(Content::resource(embedded)),
            ]);
            let result = result.with_description(format!("token={CANARY} Paris"));
            async move { Ok(result) }
        })
    };
    let told = tool("told", move |_, _| {
        let text = format!("Paris has token={CANARY} and {deep}");
        let error = ToolError::new(text.clone()).with_recovery(text);
        let data = deep.clone();
        async move { Err(purlin_core::Error::from(error).with_data(data)) }
    });
    let hidden = tool("hidden", |_, _| async { Err(refused()) });
    let embedded = tool("embedded", |_, _| async {
        let text = format!("password={CANARY} Paris");
        let contents = ResourceContents::text("docs://a", text);
        Ok(purlin_core::ToolResult::new().with_content(Content::resource(contents)))
    });
    let server = server()
        .mask_errors(false)
        .middleware(ErrorHandling::new().mask(false))
        .middleware(Redaction::default());
    for tool in [told, hidden, embedded] {
        server.add_tool(tool).unwrap();
    }
    server.add_prompt(letter).unwrap();
    let wire = Wire::to(&server).await;
    let prompt = wire.ask("prompts/get", json!({ "name": "letter" })).await;
    let told = wire.call("told", json!({})).await;
    let embedded = wire.call("embedded", json!({})).await;
    for answer in [prompt, told, embedded] {
        let answer = answer.to_string();
        assert!(
            !answer.contains(CANARY) && answer.contains("Paris") && answer.contains("[REDACTED]"),
            "{answer}"
        );
    }
    let hidden = wire.call("hidden", json!({})).await.to_string();
    assert!(
        hidden.contains("no way in") && !hidden.contains(CANARY),
        "{hidden}"
    );
}
