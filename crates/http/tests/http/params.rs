//! Arguments that are repeated in `Mcp-Param-*` headers (SEP-2243).

use purlin_core::{
    DynamicTool, Server,
    access::{Decision, check},
    protocol::Tool,
    tool::ToolResult,
};
use serde_json::{Value, json};

use crate::{
    fixture::{Fixture, Hosted, MODERN, error_code, modern_body},
    raw::post,
};

fn route(header: &str) -> DynamicTool {
    let schema = json!({
        "type": "object",
        "properties": {
            "region": { "type": "string", "x-mcp-header": header },
            "count": { "type": "integer", "x-mcp-header": "Count" },
            "dry": { "type": "boolean", "x-mcp-header": "Dry" },
            "free": { "type": "string" },
            "inner": {
                "type": "object",
                "properties": { "deep": { "type": "string", "x-mcp-header": "Deep" } },
            },
        },
    });
    DynamicTool::new(Tool::new("route", schema.into()), |_, _| async {
        Ok(ToolResult::text("ok"))
    })
}

fn add(server: &Server, header: &str) {
    server.add_tool(route(header)).unwrap();
}

async fn host() -> Hosted {
    let fixture = Fixture::new();
    add(&fixture.server, "Region");
    fixture.host().await
}

fn call(arguments: &Value, headers: &[(&str, &str)]) -> String {
    let mut all = vec![
        ("MCP-Protocol-Version", MODERN),
        ("Mcp-Method", "tools/call"),
        ("Mcp-Name", "route"),
    ];
    all.extend(headers);
    let params = json!({ "name": "route", "arguments": arguments });
    post(&all, &modern_body("tools/call", params))
}

async fn accepted(hosted: &Hosted, arguments: Value, headers: &[(&str, &str)]) {
    let (head, body) = hosted.exchange(call(&arguments, headers)).await;
    assert_eq!(head.status, 200, "{arguments} {headers:?}: {body}");
    assert!(
        body.contains("\"result\""),
        "{arguments} {headers:?}: {body}"
    );
}

async fn refused(hosted: &Hosted, arguments: Value, headers: &[(&str, &str)]) {
    let (head, body) = hosted.exchange(call(&arguments, headers)).await;
    let found = (head.status, error_code(&body));
    assert_eq!(found, (400, -32020), "{arguments} {headers:?}");
    assert!(body.contains("\"id\":1"), "{body}");
}

#[tokio::test]
async fn an_argument_and_its_header_say_the_same() {
    let hosted = host().await;
    let eu = json!({ "region": "eu" });
    accepted(&hosted, eu.clone(), &[("Mcp-Param-Region", "eu")]).await;
    accepted(&hosted, eu.clone(), &[("mcp-param-REGION", " eu ")]).await;
    accepted(
        &hosted,
        eu.clone(),
        &[("Mcp-Param-Region", "=?base64?ZXU=?=")],
    )
    .await;
    refused(&hosted, eu.clone(), &[("Mcp-Param-Region", "us")]).await;
    refused(&hosted, eu.clone(), &[("Mcp-Param-Region", "EU")]).await;
    refused(&hosted, eu.clone(), &[]).await;
    let twice = [("Mcp-Param-Region", "eu"), ("Mcp-Param-Region", "eu")];
    refused(&hosted, eu, &twice).await;
    let dry = json!({ "dry": true });
    accepted(&hosted, dry.clone(), &[("Mcp-Param-Dry", "true")]).await;
    refused(&hosted, dry, &[("Mcp-Param-Dry", "True")]).await;
}

#[tokio::test]
async fn an_argument_that_is_not_given_has_no_header() {
    let hosted = host().await;
    for arguments in [json!({}), json!({ "region": null }), json!({ "free": "x" })] {
        accepted(&hosted, arguments.clone(), &[]).await;
        refused(&hosted, arguments, &[("Mcp-Param-Region", "eu")]).await;
    }
    // A header nobody asked for says nothing.
    accepted(&hosted, json!({ "free": "x" }), &[("Mcp-Param-Free", "y")]).await;
}

#[tokio::test]
async fn values_that_do_not_fit_a_header_are_wrapped() {
    let hosted = host().await;
    for (value, header) in [
        ("Zürich", "=?base64?WsO8cmljaA==?="),
        ("a\tb\n", "=?base64?YQliCg==?="),
        (" eu", "=?base64?IGV1?="),
        ("=?base64?ZXU=?=", "=?base64?PT9iYXNlNjQ/WlhVPT89?="),
        // Half a wrapper is a value like any other.
        ("=?base64?ZXU=", "=?base64?ZXU="),
        ("=?BASE64?ZXU=?=", "=?BASE64?ZXU=?="),
    ] {
        accepted(
            &hosted,
            json!({ "region": value }),
            &[("Mcp-Param-Region", header)],
        )
        .await;
    }
    for header in [
        "=?base64?ZXU?=",
        "=?base64?Z!U=?=",
        "=?base64?/w==?=",
        "=?base64?ZXV=?=",
    ] {
        refused(
            &hosted,
            json!({ "region": "eu" }),
            &[("Mcp-Param-Region", header)],
        )
        .await;
    }
    refused(
        &hosted,
        json!({ "region": "Zürich" }),
        &[("Mcp-Param-Region", "Zürich")],
    )
    .await;
}

#[tokio::test]
async fn integers_are_compared_as_numbers() {
    let hosted = host().await;
    for header in ["42", "42.0"] {
        accepted(
            &hosted,
            json!({ "count": 42 }),
            &[("Mcp-Param-Count", header)],
        )
        .await;
    }
    for header in ["43", "0x2a", "42 apples", ""] {
        refused(
            &hosted,
            json!({ "count": 42 }),
            &[("Mcp-Param-Count", header)],
        )
        .await;
    }
}

#[tokio::test]
async fn an_argument_may_lie_deep() {
    let hosted = host().await;
    let deep = json!({ "inner": { "deep": "down" } });
    accepted(&hosted, deep.clone(), &[("Mcp-Param-Deep", "down")]).await;
    refused(&hosted, deep, &[]).await;
    accepted(&hosted, json!({ "inner": {} }), &[]).await;
}

#[tokio::test]
async fn the_schema_of_the_moment_counts() {
    let hosted = host().await;
    let eu = json!({ "region": "eu" });
    accepted(&hosted, eu.clone(), &[("Mcp-Param-Region", "eu")]).await;
    assert!(hosted.fixture.server.remove_tool("route"));
    add(&hosted.fixture.server, "Zone");
    refused(&hosted, eu.clone(), &[("Mcp-Param-Region", "eu")]).await;
    accepted(&hosted, eu, &[("Mcp-Param-Zone", "eu")]).await;
}

#[tokio::test]
async fn a_tool_that_a_policy_hides_is_not_told_by_its_headers() {
    let eu = json!({ "region": "eu" });
    let answer = async |fixture: Fixture| {
        let hosted = fixture.host().await;
        let call = call(&eu, &[("Mcp-Param-Region", "us")]);
        let (head, body) = hosted.exchange(call).await;
        (head.status, body)
    };
    let guarded = |decision: fn() -> Decision| {
        let fixture = Fixture::new();
        let tool = route("Region").policy(check(move |_| decision()));
        fixture.server.add_tool(tool).unwrap();
        fixture
    };
    let unknown = answer(Fixture::new()).await;
    assert!(unknown.1.contains("Unknown tool"), "{}", unknown.1);
    assert_eq!(answer(guarded(|| Decision::Hide)).await, unknown);
    // Who is refused is told of that alone, who is let in of the header.
    let (status, body) = answer(guarded(|| Decision::Deny)).await;
    assert_eq!((status, error_code(&body)), (401, 401), "{body}");
    let (status, body) = answer(guarded(|| Decision::Allow)).await;
    assert_eq!((status, error_code(&body)), (400, -32020), "{body}");
}
