use purlin::prelude::*;
use purlin::testing::{Era, ErrorKind};
use serde_json::json;

use crate::features::connect;

/// Tools of every shape of answer.
#[mcp_server(name = "shapes", version = "9.9.9", instructions = "Ask.")]
mod shapes {
    use super::*;

    /// Adds two numbers.
    #[mcp_tool(read_only)]
    pub(super) fn add(a: i64, b: i64) -> i64 {
        a + b
    }

    /// Says what it was told.
    #[mcp_tool]
    async fn echo(text: String) -> String {
        text
    }

    /// Answers with nothing.
    #[mcp_tool]
    fn nothing() {}

    /// Always fails.
    #[mcp_tool]
    fn fail() -> Result<String, ToolError> {
        Err(ToolError::new("out of stock").with_recovery("Order more."))
    }

    /// Works on a thread of its own.
    #[mcp_tool(blocking)]
    fn think() -> &'static str {
        "thought"
    }

    /// Answers with several blocks.
    #[mcp_tool]
    fn mixed() -> Vec<Content> {
        vec![Content::text("see"), Content::image([1, 2, 3], "image/png")]
    }
}

#[purlin::test(eras)]
async fn a_tool_is_called_with_its_arguments() {
    let client = connect(shapes::Server).await;
    assert_eq!(
        client
            .call::<i64>("add", json!({"a": 2, "b": 3}))
            .await
            .unwrap(),
        5
    );
    assert_eq!(
        client
            .call::<String>("echo", json!({"text": "5"}))
            .await
            .unwrap(),
        "5"
    );
    assert_eq!(client.call::<String>("think", ()).await.unwrap(), "thought");
    client.call::<()>("nothing", ()).await.unwrap();
}

#[purlin::test]
async fn a_tool_stays_the_function_it_was() {
    assert_eq!(shapes::add(2, 3), 5);
}

#[purlin::test(eras)]
async fn a_server_says_who_it_is(era: Era) {
    let client = connect(shapes::Server).await;
    let info = client.server_info().unwrap();
    assert_eq!(
        (info.name.as_str(), info.version.as_str()),
        ("shapes", "9.9.9")
    );
    assert_eq!(client.instructions().as_deref(), Some("Ask."));
    assert_eq!(client.revision().is_modern(), era == Era::Stateless);
}

#[purlin::test(eras)]
async fn unknown_tool_is_reported_to_the_caller() {
    let client = connect(shapes::Server).await;
    let error = client.call::<()>("nope", ()).await.unwrap_err();
    assert_eq!(error.code(), Some(-32602));
    assert!(error.to_string().contains("nope"), "{error}");
}

#[purlin::test(eras)]
async fn a_failing_tool_gives_an_error_result_with_its_recovery() {
    let client = connect(shapes::Server).await;
    let error = client.call::<String>("fail", ()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tool);
    let text = error.tool_result().unwrap().text();
    assert!(
        text.contains("out of stock") && text.contains("Order more."),
        "{text}"
    );
}

#[purlin::test(eras)]
async fn blocks_arrive_in_order() {
    let client = connect(shapes::Server).await;
    let result = client.call_tool("mixed", ()).await.unwrap();
    assert_eq!(result.content[0].as_text(), Some("see"));
    assert_eq!(result.content[1].as_media().unwrap().mime_type, "image/png");
    assert_eq!(result.structured_content, None);
}

#[purlin::test(eras)]
async fn an_unknown_method_is_refused() {
    let client = purlin::testing::connect(shapes::Server).await;
    let error = client.request("tools/other", json!({})).await.unwrap_err();
    assert_eq!(error.code(), Some(-32601));
}
