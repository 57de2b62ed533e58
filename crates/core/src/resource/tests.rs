//! Resources written the way the macros write them: described, read, answered.
#![allow(
    clippy::needless_borrow,
    reason = "the macros always write `&&`, which the lookup of the methods needs"
)]

use serde::Serialize;

use super::*;
use crate::context::Context;
use crate::error::ErrorKind;
use crate::protocol::ResourceContents;
use crate::schema::{Constraint, Number};
use crate::tool::{
    ArgumentKind as _, FallibleKind as _, InfallibleKind as _, InjectedKind as _, Json, Kind,
    ParamSpec, Returns,
};
use crate::{ResourceError, Result};

static CITIES: ResourceSpec = ResourceSpec {
    uri: "weather://cities/{country}{?limit,tag*}",
    name: "cities",
    description: Some(" Cities.\n We know.\n"),
    mime_type: Some("application/json"),
    audience: &["user"],
    priority: Some(0.5),
    params: &[
        ParamSpec {
            name: "country",
            ..ParamSpec::EMPTY
        },
        ParamSpec {
            name: "cx",
            ..ParamSpec::EMPTY
        },
        ParamSpec {
            name: "limit",
            has_default: true,
            ..ParamSpec::EMPTY
        },
        ParamSpec {
            name: "tag",
            ..ParamSpec::EMPTY
        },
    ],
    ..ResourceSpec::EMPTY
};

fn cities() -> ResourceDefinition {
    let mut resource = ResourceDescription::new(&CITIES);
    (&&Kind::<String>::NEW)
        .param()
        .describe_variable(&mut resource, 0);
    (&&Kind::<Context>::NEW)
        .param()
        .describe_variable(&mut resource, 1);
    (&&Kind::<u8>::NEW)
        .param()
        .default_variable(&mut resource, 2, || 10);
    (&&Kind::<Vec<String>>::NEW)
        .param()
        .describe_variable(&mut resource, 3);
    resource.finish()
}

#[test]
fn a_template_is_listed_with_what_was_said_of_it() {
    let template = cities().to_template("weather://weather/cities/{country}");
    assert_eq!(
        serde_json::to_string(&template).unwrap(),
        r#"{"uriTemplate":"weather://weather/cities/{country}","name":"cities","description":"Cities.\n We know.","mimeType":"application/json","annotations":{"audience":["user"],"priority":0.5}}"#
    );
}

#[tokio::test]
async fn variables_are_parsed_and_mistakes_named() {
    let definition = cities();
    let template = definition.template().unwrap();
    let (context, params) = (Context::for_tests(), definition.params());
    let matched = |uri| template.match_uri(uri).unwrap();
    let read = |uri: &'static str, variables| {
        let mut input = ResourceInput::new(&context, uri, variables, None).with_params(&params);
        let country = (&&Kind::<String>::NEW).param().take_variable(&mut input, 0);
        (&&Kind::<Context>::NEW)
            .param()
            .take_variable(&mut input, 1);
        let limit = (&&Kind::<u8>::NEW)
            .param()
            .take_variable_or(&mut input, 2, || 10);
        let tags = (&&Kind::<Vec<String>>::NEW)
            .param()
            .take_variable(&mut input, 3);
        (input, country, limit, tags)
    };
    let uri = "weather://cities/fr?tag=a&tag=b";
    let variables = matched(uri);
    let (input, country, limit, tags) = read(uri, &variables);
    assert!(!input.has_mistakes());
    assert_eq!((country.as_deref(), limit), (Some("fr"), Some(10)));
    assert_eq!(tags.unwrap(), ["a", "b"]);

    let uri = "weather://cities/fr?limit=many";
    let variables = matched(uri);
    let (input, ..) = read(uri, &variables);
    assert!(input.has_mistakes());
    let error = input.reject().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidParams);
    assert_eq!(
        error.to_string(),
        "Invalid resource URI:\nlimit: invalid digit found in string"
    );
    assert_eq!(error.data().unwrap()["uri"], "weather://cities/fr");
}

#[test]
fn an_optional_variable_may_be_absent() {
    static SPEC: ResourceSpec = ResourceSpec {
        uri: "a:b{?q}",
        params: &[ParamSpec {
            name: "q",
            ..ParamSpec::EMPTY
        }],
        ..ResourceSpec::EMPTY
    };
    let params = ResourceDescription::new(&SPEC).finish().params();
    let (context, none) = (Context::for_tests(), Variables::new());
    let mut input = ResourceInput::new(&context, "a:b", &none, None).with_params(&params);
    assert_eq!(
        (&&Kind::<Option<u8>>::NEW)
            .param()
            .take_variable(&mut input, 0),
        Some(None)
    );
    assert!(!input.has_mistakes());
    assert_eq!(
        (&&Kind::<u8>::NEW).param().take_variable(&mut input, 0),
        None
    );
    assert!(input.has_mistakes());
}

#[tokio::test]
async fn the_limits_of_a_variable_are_enforced() {
    static SPEC: ResourceSpec = ResourceSpec {
        uri: "a://{page}/{code}{?tag*}",
        params: &[
            ParamSpec {
                name: "page",
                constraints: &[Constraint::Min(Number::Int(1))],
                ..ParamSpec::EMPTY
            },
            ParamSpec {
                name: "code",
                constraints: &[Constraint::Pattern("^[a-z]+$")],
                ..ParamSpec::EMPTY
            },
            ParamSpec {
                name: "tag",
                constraints: &[Constraint::MaxItems(1)],
                ..ParamSpec::EMPTY
            },
        ],
        ..ResourceSpec::EMPTY
    };
    let definition = ResourceDescription::new(&SPEC).finish();
    let (context, params) = (Context::for_tests(), definition.params());
    for (uri, told) in [
        ("a://1/fr?tag=x", None),
        (
            "a://0/FR?tag=x&tag=y",
            Some(
                "Invalid resource URI:\n\
                 page: must be at least 1, got 0\n\
                 code: must match the pattern `^[a-z]+$`\n\
                 tag: must have at most 1 item, got 2",
            ),
        ),
    ] {
        let variables = definition.template().unwrap().match_uri(uri).unwrap();
        let mut input = ResourceInput::new(&context, uri, &variables, None).with_params(&params);
        (&&Kind::<u8>::NEW).param().take_variable(&mut input, 0);
        (&&Kind::<String>::NEW).param().take_variable(&mut input, 1);
        (&&Kind::<Vec<String>>::NEW)
            .param()
            .take_variable(&mut input, 2);
        assert_eq!(input.has_mistakes(), told.is_some());
        if let Some(told) = told {
            assert_eq!(input.reject().await.unwrap_err().to_string(), told);
        }
    }
}

#[derive(Serialize)]
struct City {
    name: &'static str,
}

macro_rules! check_output {
    ($ty:ty, $value:expr, $mime:expr, $expected:expr) => {{
        let mut result = (&&Returns::<$ty>::NEW)
            .tag()
            .respond_resource($value)
            .unwrap();
        result.settle("a:b", $mime);
        let mut out = Vec::new();
        result.write(&mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!("\"contents\":[{}]", $expected)
        );
    }};
}

#[test]
fn contents_carry_the_uri_and_the_media_type() {
    let text = r#"{"uri":"a:b","mimeType":"text/plain","text":"hi"}"#;
    check_output!(String, "hi".to_owned(), Some("text/plain"), text);
    check_output!(&'static str, "hi", Some("text/plain"), text);
    check_output!(
        Option<String>,
        Some("hi".to_owned()),
        Some("text/plain"),
        text
    );
    check_output!(Result<String, ResourceError>, Ok("hi".to_owned()), Some("text/plain"), text);
    check_output!(
        String,
        "hi".to_owned(),
        None,
        r#"{"uri":"a:b","text":"hi"}"#
    );
    check_output!(
        Vec<u8>,
        vec![0, 1],
        Some("image/png"),
        r#"{"uri":"a:b","mimeType":"image/png","blob":"AAE="}"#
    );
    let city = r#"{"uri":"a:b","mimeType":"application/json","text":"{\"name\":\"Paris\"}"}"#;
    check_output!(City, City { name: "Paris" }, None, city);
    check_output!(Option<City>, Some(City { name: "Paris" }), None, city);
    check_output!(Json<City>, Json(City { name: "Paris" }), None, city);
    check_output!(
        Json<City>,
        Json(City { name: "Paris" }),
        Some("application/geo+json"),
        city.replace("json\",\"text", "geo+json\",\"text")
    );
    let own = r#"{"uri":"c:d","text":"hi"}"#;
    check_output!(
        ResourceContents,
        ResourceContents::text("c:d", "hi"),
        Some("text/plain"),
        own
    );
    check_output!(
        Vec<ResourceContents>,
        vec![ResourceContents::text("c:d", "hi")],
        None,
        own
    );
    check_output!(
        ResourceResult,
        ResourceResult::text("hi"),
        Some("text/plain"),
        text
    );
}

#[test]
fn none_means_not_found() {
    fn kind(result: Result<ResourceResult>) -> ErrorKind {
        result.unwrap_err().kind()
    }
    let none = [
        kind(
            (&&Returns::<Option<String>>::NEW)
                .tag()
                .respond_resource(None),
        ),
        kind(
            (&&Returns::<Option<Vec<u8>>>::NEW)
                .tag()
                .respond_resource(None),
        ),
        kind(
            (&&Returns::<Option<City>>::NEW)
                .tag()
                .respond_resource(None),
        ),
        kind(
            (&&Returns::<Option<Json<City>>>::NEW)
                .tag()
                .respond_resource(None),
        ),
        kind(
            (&&Returns::<Result<Option<ResourceResult>>>::NEW)
                .tag()
                .respond_resource(Ok(None)),
        ),
        kind(
            (&&Returns::<Result<String, ResourceError>>::NEW)
                .tag()
                .respond_resource(Err(ResourceError::not_found("no"))),
        ),
    ];
    assert_eq!(none, [ErrorKind::UnknownResource; 6]);
    let failed = (&&Returns::<Result<String, String>>::NEW)
        .tag()
        .respond_resource(Err("no".to_owned()));
    assert_eq!(kind(failed), ErrorKind::Resource);
}
