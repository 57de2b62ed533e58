//! Prompts written the way the macros write them: described, made, answered.
#![allow(
    clippy::needless_borrow,
    reason = "the macros always write `&&`, which the lookup of the methods needs"
)]

use schemars::JsonSchema;
use serde::Deserialize;

use super::*;
use crate::context::Context;
use crate::error::ErrorKind;
use crate::protocol::PromptMessage;
use crate::schema::{Constraint, Number};
use crate::tool::{
    ArgumentKind as _, FallibleKind as _, InfallibleKind as _, InjectedKind as _, Kind, ParamSpec,
    Returns,
};

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Tone {
    Formal,
    Casual,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Stop {
    city: String,
}

static BRIEFING: PromptSpec = PromptSpec {
    name: "briefing",
    description: Some("Brief me."),
    params: &[
        ParamSpec {
            name: "city",
            description: Some("Where to."),
            constraints: &[Constraint::MinLength(2)],
            ..ParamSpec::EMPTY
        },
        ParamSpec {
            name: "days",
            constraints: &[Constraint::Max(Number::Int(30))],
            ..ParamSpec::EMPTY
        },
        ParamSpec {
            name: "cx",
            ..ParamSpec::EMPTY
        },
        ParamSpec {
            name: "tone",
            has_default: true,
            ..ParamSpec::EMPTY
        },
        ParamSpec {
            name: "stops",
            ..ParamSpec::EMPTY
        },
    ],
    ..PromptSpec::EMPTY
};

fn briefing() -> PromptDefinition {
    let mut prompt = PromptDescription::new(&BRIEFING);
    (&&Kind::<String>::NEW)
        .param()
        .describe_prompt_argument(&mut prompt, 0);
    (&&Kind::<Option<u8>>::NEW)
        .param()
        .describe_prompt_argument(&mut prompt, 1);
    (&&Kind::<Context>::NEW)
        .param()
        .describe_prompt_argument(&mut prompt, 2);
    (&&Kind::<Tone>::NEW)
        .param()
        .default_prompt_argument(&mut prompt, 3, || Tone::Formal);
    (&&Kind::<Option<Vec<Stop>>>::NEW)
        .param()
        .describe_prompt_argument(&mut prompt, 4);
    prompt.finish()
}

#[test]
fn arguments_are_listed_with_what_they_are() {
    assert_eq!(
        serde_json::to_string(&briefing().to_prompt("travel_briefing")).unwrap(),
        concat!(
            r#"{"name":"travel_briefing","description":"Brief me.","arguments":["#,
            r#"{"name":"city","description":"Where to.","required":true},"#,
            r#"{"name":"days","description":"A whole number.","required":false},"#,
            r#"{"name":"tone","description":"One of `formal`, `casual`.","required":false},"#,
            r#"{"name":"stops","description":"As JSON text of the schema {\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}}","required":false}]}"#,
        )
    );
}

macro_rules! taken {
    ($definition:ident, $context:ident, $json:expr) => {{
        let mut input = PromptInput::new(&$context, $definition.arguments(), Some($json));
        let city = (&&Kind::<String>::NEW)
            .param()
            .take_prompt_argument(&mut input, 0);
        let days = (&&Kind::<Option<u8>>::NEW)
            .param()
            .take_prompt_argument(&mut input, 1);
        (&&Kind::<Context>::NEW)
            .param()
            .take_prompt_argument(&mut input, 2);
        let tone = (&&Kind::<Tone>::NEW)
            .param()
            .take_prompt_argument_or(&mut input, 3, || Tone::Formal);
        let stops = (&&Kind::<Option<Vec<Stop>>>::NEW)
            .param()
            .take_prompt_argument(&mut input, 4);
        (input, city, days, tone, stops)
    }};
}

#[tokio::test]
async fn texts_become_typed_arguments() {
    let (definition, context) = (briefing(), Context::for_tests());
    let (input, city, days, tone, stops) = taken!(
        definition,
        context,
        r#"{"city":"Paris","days":"3","stops":"[{\"city\":\"Lyon\"}]"}"#
    );
    assert!(!input.has_mistakes());
    assert_eq!(
        (city.as_deref(), days, tone),
        (Some("Paris"), Some(Some(3)), Some(Tone::Formal))
    );
    assert_eq!(
        stops,
        Some(Some(vec![Stop {
            city: "Lyon".to_owned()
        }]))
    );

    let (input, ..) = taken!(
        definition,
        context,
        r#"{"city":"P","days":"many","tone":"rude","stop":"x"}"#
    );
    let error = input.reject().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArguments);
    assert_eq!(
        error.to_string(),
        "Invalid arguments for `briefing`:\n\
         $.stop: unknown argument; did you mean `stops`?\n\
         $.city: must have at least 2 characters, got 1\n\
         $.days: expected an integer from 0 to 255\n\
         $.tone: unknown choice `rude`, expected `formal` or `casual`"
    );
}

#[tokio::test]
async fn a_number_in_a_text_is_held_against_its_limits() {
    let (definition, context) = (briefing(), Context::for_tests());
    let (input, ..) = taken!(definition, context, r#"{"city":"-1","days":"31"}"#);
    let error = input.reject().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Invalid arguments for `briefing`:\n$.days: must be at most 30, got 31"
    );
}

#[test]
fn what_prompts_return_becomes_messages() {
    let hello = PromptResult::new([PromptMessage::user("hello")]);
    assert_eq!(
        (&&Returns::<&str>::NEW)
            .tag()
            .respond_prompt("hello")
            .unwrap(),
        hello
    );
    assert_eq!(
        (&&Returns::<Vec<PromptMessage>>::NEW)
            .tag()
            .respond_prompt(vec![PromptMessage::user("hello")])
            .unwrap(),
        hello
    );
    let described = (&&Returns::<(&str, String)>::NEW)
        .tag()
        .respond_prompt(("d", "hello".to_owned()))
        .unwrap();
    let mut out = Vec::new();
    described.write(&mut out);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        r#""description":"d","messages":[{"role":"user","content":{"type":"text","text":"hello"}}]"#
    );
    let failed = (&&Returns::<crate::Result<String, String>>::NEW)
        .tag()
        .respond_prompt(Err("no".to_owned()));
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::Prompt);
}
