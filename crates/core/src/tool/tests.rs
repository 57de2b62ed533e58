//! Tools written the way the macros write them: described, called, answered.
#![allow(
    clippy::needless_borrow,
    reason = "the macros always write `&&`, which the lookup of the methods needs"
)]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::*;
use crate::context::Context;
use crate::error::ErrorKind;
use crate::protocol::Content;
use crate::schema::{Constraint, Number};
use crate::{Error, Result, ToolError};

/// A unit system.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Units {
    /// Degrees Celsius.
    Metric,
    /// Degrees Fahrenheit.
    Imperial,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Node {
    value: u8,
    #[serde(default)]
    children: Vec<Node>,
}

/// What it is like.
#[derive(Debug, Serialize, JsonSchema)]
struct Conditions {
    /// In degrees.
    temperature: f32,
    wind: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// Not serialisable: only its default cannot be shown.
#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Quiet(u8);

macro_rules! spec {
    ($name:literal, [$($param:expr),*]) => {{
        static SPEC: ToolSpec = ToolSpec { name: $name, params: &[$($param),*], ..ToolSpec::EMPTY };
        &SPEC
    }};
}

const fn param(name: &'static str) -> ParamSpec {
    ParamSpec {
        name,
        ..ParamSpec::EMPTY
    }
}

const fn defaulted(name: &'static str) -> ParamSpec {
    ParamSpec {
        name,
        has_default: true,
        ..ParamSpec::EMPTY
    }
}

fn define(spec: &'static ToolSpec, describe: fn(&mut ToolDescription)) -> ToolDefinition {
    let mut description = ToolDescription::new(spec);
    describe(&mut description);
    description.finish()
}

macro_rules! describe {
    ($tool:ident, $index:literal, $ty:ty) => {
        (&&Kind::<$ty>::NEW).param().describe($tool, $index)
    };
}

macro_rules! take {
    ($input:ident, $index:literal, $ty:ty) => {
        (&&Kind::<$ty>::NEW).param().take(&mut $input, $index)
    };
}

#[test]
fn the_schema_says_what_parameters_are() {
    static CITY: ParamSpec = ParamSpec {
        name: "city",
        description: Some("City name."),
        constraints: &[Constraint::MinLength(1), Constraint::MaxLength(80)],
        ..ParamSpec::EMPTY
    };
    let tool = define(
        spec!(
            "t",
            [
                CITY,
                defaulted("units"),
                param("cx"),
                param("tree"),
                param("tags"),
                defaulted("quiet"),
                param("any")
            ]
        ),
        |tool| {
            describe!(tool, 0, String);
            (&&Kind::<Units>::NEW)
                .param()
                .default(tool, 1, || Units::Metric);
            describe!(tool, 2, Context);
            describe!(tool, 3, Option<Node>);
            describe!(tool, 4, BTreeMap<String, i32>);
            (&&Kind::<Quiet>::NEW).param().default(tool, 5, || Quiet(3));
            describe!(tool, 6, serde_json::Value);
        },
    );
    let expected = concat!(
        r##"{"type":"object","properties":{"##,
        r##""city":{"type":"string","description":"City name.","minLength":1,"maxLength":80},"##,
        r##""units":{"type":"string","description":"A unit system.\n\n- `metric`: Degrees Celsius.\n- `imperial`: Degrees Fahrenheit.","enum":["metric","imperial"],"default":"metric"},"##,
        r##""tree":{"type":"object","properties":{"value":{"type":"integer","minimum":0,"maximum":255},"children":{"type":"array","items":{"$ref":"#/$defs/Node"},"default":[]}},"required":["value"]},"##,
        r##""tags":{"type":"object","additionalProperties":{"type":"integer","minimum":-2147483648,"maximum":2147483647}},"##,
        r##""quiet":{"type":"integer","description":"Not serialisable: only its default cannot be shown.","minimum":0,"maximum":255},"##,
        r##""any":{}},"##,
        r##""required":["city","tags","any"],"additionalProperties":false,"##,
        r##""$defs":{"Node":{"type":"object","properties":{"value":{"type":"integer","minimum":0,"maximum":255},"children":{"type":"array","items":{"$ref":"#/$defs/Node"},"default":[]}},"required":["value"]}}}"##,
    );
    assert_eq!(tool.input_schema().get(), expected);
}

#[test]
fn a_tool_without_arguments_says_so() {
    let tool = define(spec!("now", [param("cx")]), |tool| {
        describe!(tool, 0, Context);
    });
    assert_eq!(
        tool.input_schema().get(),
        r#"{"type":"object","additionalProperties":false}"#
    );
}

#[test]
fn arguments_are_taken_by_position_and_default() {
    let tool = define(
        spec!(
            "t",
            [param("a"), param("cx"), defaulted("units"), param("more")]
        ),
        |tool| {
            describe!(tool, 0, i64);
            describe!(tool, 1, Context);
            (&&Kind::<Units>::NEW)
                .param()
                .default(tool, 2, || Units::Metric);
            describe!(tool, 3, Option<Vec<String>>);
        },
    );
    let context = Context::for_tests();
    for (json, expected) in [
        (r#"{"a":1}"#, (1, Units::Metric, None)),
        (
            r#"{"more":["x\"y"],"units":"imperial","a":-2}"#,
            (-2, Units::Imperial, Some(vec!["x\"y".to_owned()])),
        ),
        (r#"{"a":3.0,"more":null}"#, (3, Units::Metric, None)),
    ] {
        let mut input = ToolInput::new(&context, tool.arguments(), Some(json));
        let a = take!(input, 0, i64);
        let cx = take!(input, 1, Context);
        let units = (&&Kind::<Units>::NEW)
            .param()
            .take_or(&mut input, 2, || Units::Metric);
        let more = take!(input, 3, Option<Vec<String>>);
        assert!(!input.has_mistakes(), "{json}");
        assert!(cx.is_none());
        assert_eq!((a.unwrap(), units.unwrap(), more.unwrap()), expected);
    }
}

#[tokio::test]
async fn what_was_taken_and_what_is_injected_are_extracted() {
    let context = Context::for_tests();
    let a = (&&Kind::<i64>::NEW)
        .param()
        .extract(Some(1), &context)
        .await
        .unwrap();
    let _cx: Context = (&&Kind::<Context>::NEW)
        .param()
        .extract(None, &context)
        .await
        .unwrap();
    assert_eq!(a, 1);
}

#[tokio::test]
async fn every_wrong_argument_is_named_with_what_was_wanted() {
    static SHORT: ParamSpec = ParamSpec {
        name: "short",
        constraints: &[Constraint::MaxLength(2)],
        ..ParamSpec::EMPTY
    };
    static LARGE: ParamSpec = ParamSpec {
        name: "large",
        constraints: &[Constraint::Min(Number::Int(10))],
        ..ParamSpec::EMPTY
    };
    let tool = define(
        spec!(
            "t",
            [
                param("a"),
                param("tree"),
                param("units"),
                SHORT,
                LARGE,
                param("given")
            ]
        ),
        |tool| {
            describe!(tool, 0, u8);
            describe!(tool, 1, Node);
            describe!(tool, 2, Units);
            describe!(tool, 3, String);
            describe!(tool, 4, i64);
            describe!(tool, 5, bool);
        },
    );
    let context = Context::for_tests();
    let json = r#"{"a": 300, "tree":{"value":1,"children":[{"value":"x"}]}, "units":"kelvin",
        "short":"abc", "large":9, "gven":true, "a":1}"#;
    let mut input = ToolInput::new(&context, tool.arguments(), Some(json));
    take!(input, 0, u8);
    take!(input, 1, Node);
    take!(input, 2, Units);
    take!(input, 3, String);
    take!(input, 4, i64);
    take!(input, 5, bool);
    assert!(input.has_mistakes());
    let result = input.reject().await.unwrap();
    assert!(result.is_error());
    assert_eq!(
        result.as_text(),
        "Invalid arguments for `t`:\n\
         $.gven: unknown argument; did you mean `given`?\n\
         $.a: is given twice\n\
         $.a: expected an integer from 0 to 255, got the number 300\n\
         $.tree.children[0].value: expected an integer from 0 to 255, got the string \"x\"\n\
         $.units: unknown choice `kelvin`, expected `metric` or `imperial`\n\
         $.short: must have at most 2 characters, got 3\n\
         $.large: must be at least 10, got 9\n\
         $.given: is required"
    );
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only decoding is tested")]
struct Order {
    lines: Vec<Line>,
    #[schemars(extend("writeOnly" = true))]
    card: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only decoding is tested")]
struct Line {
    #[schemars(range(min = 1))]
    quantity: u8,
    #[schemars(length(max = 3))]
    item: String,
}

/// What is said of arguments that are taken as an order.
async fn refused(json: &str) -> String {
    let tool = define(spec!("t", [param("order")]), |tool| {
        describe!(tool, 0, Order);
    });
    let context = Context::for_tests();
    let mut input = ToolInput::new(&context, tool.arguments(), Some(json));
    assert!(take!(input, 0, Order).is_none(), "{json}");
    input.reject().await.unwrap().as_text().into_owned()
}

#[tokio::test]
async fn the_limits_of_own_types_are_enforced_at_any_depth() {
    let json = r#"{"order":{"lines":[{"quantity":1,"item":"abc"},{"quantity":0,"item":"abcd"}]}}"#;
    assert_eq!(
        refused(json).await,
        "Invalid arguments for `t`:\n\
         $.order.lines[1].quantity: must be at least 1, got 0\n\
         $.order.lines[1].item: must have at most 3 characters, got 4"
    );
}

#[tokio::test]
async fn every_mistake_in_a_nested_argument_is_told_at_once() {
    let json = r#"{"order":{"lines":[{"quantity":"1"},{"quantity":0,"item":null}],"lnes":1}}"#;
    assert_eq!(
        refused(json).await,
        "Invalid arguments for `t`:\n\
         $.order.lines[0].quantity: expected an integer from 1 to 255, got the string \"1\"\n\
         $.order.lines[0].item: is required\n\
         $.order.lines[1].quantity: must be at least 1, got 0\n\
         $.order.lines[1].item: expected a string, got null\n\
         $.order.lnes: unknown member; did you mean `lines`?"
    );
}

#[tokio::test]
async fn what_is_sensitive_is_never_repeated() {
    static PIN: ParamSpec = ParamSpec {
        name: "pin",
        constraints: &[Constraint::Max(Number::Int(9))],
        sensitive: true,
        ..ParamSpec::EMPTY
    };
    let tool = define(spec!("t", [PIN]), |tool| describe!(tool, 0, u16));
    assert!(tool.input_schema().get().contains(r#""writeOnly":true"#));
    let context = Context::for_tests();
    for (pin, told) in [
        ("1234", "$.pin: must be at most 9"),
        ("\"1234\"", "$.pin: expected an integer from 0 to 65535"),
        ("123456", "$.pin: must be at most 9"),
        ("[1234]", "$.pin: expected an integer from 0 to 65535"),
    ] {
        let json = format!(r#"{{"pin":{pin}}}"#);
        let mut input = ToolInput::new(&context, tool.arguments(), Some(&json));
        assert!(!format!("{input:?}").contains("1234"), "{input:?}");
        take!(input, 0, u16);
        let text = input.reject().await.unwrap().as_text().into_owned();
        assert!(text.contains(told) && !text.contains("1234"), "{text}");
    }
    let nested = refused(r#"{"order":{"lines":[],"card":1234}}"#).await;
    assert!(
        nested.ends_with("$.order.card: expected a string or null"),
        "{nested}"
    );
}

#[tokio::test]
async fn an_argument_may_have_further_names() {
    static CITY: ParamSpec = ParamSpec {
        name: "city",
        aliases: &["town", "place"],
        ..ParamSpec::EMPTY
    };
    let tool = define(spec!("t", [CITY]), |tool| describe!(tool, 0, String));
    assert!(!tool.input_schema().get().contains("town"));
    let context = Context::for_tests();
    let mut input = ToolInput::new(&context, tool.arguments(), Some(r#"{"town":"Paris"}"#));
    assert_eq!(take!(input, 0, String).as_deref(), Some("Paris"));
    let json = r#"{"place":"Paris","city":"Rome"}"#;
    let input = ToolInput::new(&context, tool.arguments(), Some(json));
    assert_eq!(
        input.reject().await.unwrap().as_text(),
        "Invalid arguments for `t`:\n\
         $.place: is given twice, as `place` and as `city`: keep one"
    );
}

#[test]
fn arguments_that_are_no_object_are_a_mistake() {
    let tool = define(spec!("t", []), |_| {});
    let context = Context::for_tests();
    for (json, mistaken) in [
        (None, false),
        (Some("{}"), false),
        (Some("null"), false),
        (Some("[1]"), true),
        (Some("{\"a\":1}"), true),
    ] {
        let input = ToolInput::new(&context, tool.arguments(), json);
        assert_eq!(input.has_mistakes(), mistaken, "{json:?}");
    }
}

#[test]
fn more_than_eight_parameters_work() {
    let tool = define(
        spec!(
            "t",
            [
                param("a"),
                param("b"),
                param("c"),
                param("d"),
                param("e"),
                param("f"),
                param("g"),
                param("h"),
                param("i")
            ]
        ),
        |tool| {
            for index in 0..9 {
                (&&Kind::<u8>::NEW).param().describe(tool, index);
            }
        },
    );
    let context = Context::for_tests();
    let json = r#"{"i":9,"h":8,"g":7,"f":6,"e":5,"d":4,"c":3,"b":2,"a":1}"#;
    let mut input = ToolInput::new(&context, tool.arguments(), Some(json));
    for index in 0..9_u8 {
        let taken = (&&Kind::<u8>::NEW).param().take(&mut input, index.into());
        assert_eq!(taken, Some(index + 1));
    }
}

/// The result of a handler and the output schema of its tool, as the macros make them.
macro_rules! returned {
    ($ty:ty, $value:expr) => {{
        let tool = define(spec!("t", []), |tool| {
            (&&Returns::<$ty>::NEW).tag().describe(tool);
        });
        let result = (&&Returns::<$ty>::NEW).tag().respond($value);
        (tool, result)
    }};
}

fn written(tool: &ToolDefinition, result: &ToolResult, shape: StructuredShape) -> String {
    let mut out = Vec::new();
    result.write(&mut out, tool.result_shape(shape));
    String::from_utf8(out).unwrap()
}

#[track_caller]
fn check_output(
    (tool, result): (ToolDefinition, Result<ToolResult>),
    schema: Option<&str>,
    any: &str,
    object: &str,
) {
    let result = result.unwrap();
    let plain = tool
        .output()
        .and_then(|output| output.for_shape(StructuredShape::Any));
    assert_eq!(plain.as_ref().map(crate::protocol::Schema::get), schema);
    assert_eq!(written(&tool, &result, StructuredShape::Any), any);
    assert_eq!(written(&tool, &result, StructuredShape::Object), object);
}

#[test]
fn texts_have_no_schema() {
    let text = r#""content":[{"type":"text","text":"hi"}]"#;
    check_output(returned!(String, "hi".to_owned()), None, text, text);
    check_output(returned!(&'static str, "hi"), None, text, text);
    check_output(
        returned!(Option<String>, Some("hi".to_owned())),
        None,
        text,
        text,
    );
    check_output(
        returned!(Result<&'static str, ToolError>, Ok("hi")),
        None,
        text,
        text,
    );
    let metric = r#""content":[{"type":"text","text":"metric"}]"#;
    check_output(returned!(Units, Units::Metric), None, metric, metric);
}

#[test]
fn nothing_is_empty_content() {
    let empty = r#""content":[]"#;
    check_output(returned!((), ()), None, empty, empty);
    check_output(returned!(Result<(), String>, Ok(())), None, empty, empty);
    check_output(returned!(Option<String>, None), None, empty, empty);
    check_output(
        returned!(Option<u8>, None),
        Some(r#"{"anyOf":[{"type":"integer","minimum":0,"maximum":255},{"type":"null"}]}"#),
        r#""content":[],"structuredContent":null"#,
        r#""content":[],"structuredContent":{"result":null}"#,
    );
}

#[test]
fn values_are_structured_with_a_schema_and_a_mirror() {
    check_output(
        returned!(i64, 3),
        Some(r#"{"type":"integer"}"#),
        r#""content":[{"type":"text","text":"3"}],"structuredContent":3"#,
        r#""content":[{"type":"text","text":"3"}],"structuredContent":{"result":3}"#,
    );
    check_output(
        returned!(Vec<&'static str>, vec!["a"]),
        Some(r#"{"type":"array","items":{"type":"string"}}"#),
        r#""content":[{"type":"text","text":"[\"a\"]"}],"structuredContent":["a"]"#,
        r#""content":[{"type":"text","text":"[\"a\"]"}],"structuredContent":{"result":["a"]}"#,
    );
    let conditions = || Conditions {
        temperature: 20.5,
        wind: None,
        note: None,
    };
    let written = r#""content":[{"type":"text","text":"{\"temperature\":20.5,\"wind\":null}"}],"structuredContent":{"temperature":20.5,"wind":null}"#;
    check_output(
        returned!(Conditions, conditions()),
        Some(
            r#"{"type":"object","description":"What it is like.","properties":{"temperature":{"type":"number","description":"In degrees."},"wind":{"anyOf":[{"type":"integer","minimum":0,"maximum":65535},{"type":"null"}]},"note":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["temperature","wind"]}"#,
        ),
        written,
        written,
    );
    let (tool, result) = returned!(Option<Conditions>, Some(conditions()));
    let wrapped = tool
        .output()
        .unwrap()
        .for_shape(StructuredShape::Object)
        .unwrap();
    assert!(
        wrapped
            .get()
            .starts_with(r#"{"type":"object","properties":{"result":{"#),
        "{wrapped:?}"
    );
    let mut out = Vec::new();
    result
        .unwrap()
        .write(&mut out, tool.result_shape(StructuredShape::Object));
    assert!(
        String::from_utf8(out)
            .unwrap()
            .ends_with(r#""structuredContent":{"result":{"temperature":20.5,"wind":null}}"#)
    );
}

#[test]
fn json_is_always_structured() {
    check_output(
        returned!(Json<String>, Json("hi".to_owned())),
        Some(r#"{"type":"string"}"#),
        r#""content":[{"type":"text","text":"\"hi\""}],"structuredContent":"hi""#,
        r#""content":[{"type":"text","text":"\"hi\""}],"structuredContent":{"result":"hi"}"#,
    );
    let written = r#""content":[{"type":"text","text":"{\"a\":1}"}],"structuredContent":{"a":1}"#;
    check_output(
        returned!(serde_json::Value, serde_json::json!({"a": 1})),
        None,
        written,
        written,
    );
}

#[test]
fn a_recursive_output_has_an_object_at_its_root() {
    let (tool, _) = returned!(
        Node,
        Node {
            value: 1,
            children: Vec::new()
        }
    );
    let schema = tool
        .output()
        .unwrap()
        .for_shape(StructuredShape::Object)
        .unwrap();
    assert!(
        schema.get().starts_with(r#"{"type":"object""#),
        "{schema:?}"
    );
    assert!(
        schema.get().contains(r##""$ref":"#/$defs/Node""##),
        "{schema:?}"
    );
}

#[test]
fn content_is_returned_as_it_is() {
    let image = r#""content":[{"type":"image","data":"AAE=","mimeType":"image/png"}]"#;
    check_output(returned!(Image, Image::png([0, 1])), None, image, image);
    check_output(
        returned!(Vec<Content>, vec![Content::image([0, 1], "image/png")]),
        None,
        image,
        image,
    );
    check_output(
        returned!(
            ToolResult,
            ToolResult::from(Content::image([0, 1], "image/png"))
        ),
        None,
        image,
        image,
    );
    check_output(
        returned!(Option<Audio>, None),
        None,
        r#""content":[]"#,
        r#""content":[]"#,
    );
}

#[test]
fn results_behind_an_alias_are_results() {
    type Answer<T> = core::result::Result<Json<T>, String>;
    let (tool, result) = returned!(Answer<u8>, Ok(Json(1)));
    assert!(tool.output().is_some());
    assert_eq!(result.unwrap().as_text(), "1");
    let (_, failed) = returned!(Answer<u8>, Err("no luck".to_owned()));
    let failed = failed.unwrap_err();
    assert_eq!(
        (failed.kind(), failed.public_text(true).as_ref()),
        (ErrorKind::Tool, "no luck")
    );
    let (_, failed) = returned!(Result<u8, std::num::ParseIntError>, "x".parse::<u8>());
    assert_eq!(failed.unwrap_err().public_text(true), "internal error");
    let (_, failed) = returned!(Result<u8>, Err(Error::new(ErrorKind::Cancelled, "gone")));
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn a_tool_is_listed_with_its_hints() {
    static SPEC: ToolSpec = ToolSpec {
        name: "t",
        title: Some("T"),
        description: Some("Does."),
        read_only: Some(true),
        icons: &[IconSpec {
            src: "https://example.com/i.png",
            sizes: &["any"],
            ..IconSpec::EMPTY
        }],
        meta: Some(r#"{"k":1}"#),
        ..ToolSpec::EMPTY
    };
    let tool = define(&SPEC, |_| {}).to_tool("weather_t", StructuredShape::Any);
    assert_eq!(
        serde_json::to_string(&tool).unwrap(),
        r#"{"name":"weather_t","title":"T","description":"Does.","icons":[{"src":"https://example.com/i.png","sizes":["any"]}],"inputSchema":{"type":"object","additionalProperties":false},"annotations":{"readOnlyHint":true},"_meta":{"k":1}}"#
    );
}
