//! What the options of components do, each seen by a client.

use purlin::prelude::*;
use purlin::protocol::{TaskSupport, Tool};
use purlin::testing::{Revision, json};
use serde_json::Value;

use crate::features::{client, connect};

#[mcp_server(
    name = "options",
    version = "1.4.0",
    title = "All options",
    instructions = "Read the lists.",
    website = "https://example.com",
    icons("https://example.com/server.png")
)]
mod all {
    use purlin::prelude::*;

    /// A tool.
    #[mcp_tool(
        name = "chosen",
        title = "Chosen",
        version = "3.1.0",
        read_only,
        destructive = false,
        idempotent,
        open_world = false,
        tags("a"),
        icons(icon(
            "https://example.com/tool.png",
            mime_type = "image/png",
            sizes("48x48"),
            theme = "dark"
        )),
        meta = r#"{"team": "north", "purlin/version": "mine"}"#,
        task = "optional"
    )]
    fn tool() {}

    /// A hidden tool.
    #[mcp_tool(hidden, tags("b"))]
    fn quiet() -> &'static str {
        "heard"
    }

    /// A resource.
    #[mcp_resource(
        "options://resource",
        name = "chosen",
        title = "Chosen",
        version = "3.1.0",
        mime_type = "text/plain",
        tags("a"),
        icons("https://example.com/resource.png"),
        audience("user"),
        priority = 0.5,
        meta = r#"{"team": "north"}"#
    )]
    fn resource() -> &'static str {
        "contents"
    }

    /// A hidden resource.
    #[mcp_resource("options://quiet", hidden)]
    fn quiet_resource() -> &'static str {
        "heard"
    }

    /// A template.
    #[mcp_resource("options://{name}", deprecated)]
    fn template(name: String) -> String {
        name
    }

    /// A prompt.
    #[mcp_prompt(
        name = "chosen",
        title = "Chosen",
        version = "3.1.0",
        tags("a"),
        icons("https://example.com/prompt.png"),
        meta = r#"{"team": "north"}"#,
        deprecated(note = "ask yourself")
    )]
    fn prompt() -> &'static str {
        "question"
    }

    /// A hidden prompt.
    #[mcp_prompt(hidden)]
    fn quiet_prompt() -> &'static str {
        "heard"
    }
}

/// The item as a client gets it.
fn seen(item: &impl serde::Serialize) -> Value {
    serde_json::to_value(item).unwrap()
}

#[purlin::test]
async fn each_option_shows() {
    let client = connect(all::Server).await;
    let listed = client.catalogue().await;
    assert_eq!(listed.tool_names(), ["chosen"]);
    let tool = seen(&listed.tools[0]);
    assert_eq!(tool["title"], "Chosen");
    assert_eq!(tool["description"], "A tool.");
    let hints = json!({
        "readOnlyHint": true, "destructiveHint": false,
        "idempotentHint": true, "openWorldHint": false,
    });
    assert_eq!(tool["annotations"], hints);
    let icon = json!({
        "src": "https://example.com/tool.png", "mimeType": "image/png",
        "sizes": ["48x48"], "theme": "dark",
    });
    assert_eq!(tool["icons"], json!([icon]));
    assert_eq!(
        tool["_meta"],
        json!({ "team": "north", "purlin/version": "mine" })
    );

    let resource = seen(&listed.resources[0]);
    assert_eq!(listed.resource_uris(), ["options://resource"]);
    assert_eq!(resource["name"], "chosen");
    assert_eq!(resource["title"], "Chosen");
    assert_eq!(resource["mimeType"], "text/plain");
    assert_eq!(
        resource["icons"][0]["src"],
        "https://example.com/resource.png"
    );
    assert_eq!(
        resource["annotations"],
        json!({ "audience": ["user"], "priority": 0.5 })
    );
    assert_eq!(
        resource["_meta"],
        json!({ "team": "north", "purlin/version": "3.1.0" })
    );

    let prompt = seen(&listed.prompts[0]);
    assert_eq!(listed.prompt_names(), ["chosen"]);
    assert_eq!(prompt["title"], "Chosen");
    assert_eq!(prompt["icons"][0]["src"], "https://example.com/prompt.png");
    assert_eq!(prompt["_meta"]["purlin/version"], "3.1.0");
    assert_eq!(prompt["_meta"]["team"], "north");

    let info = client.server_info().unwrap();
    assert_eq!(info.name, "options");
    assert_eq!(info.version, "1.4.0");
    assert_eq!(info.title.as_deref(), Some("All options"));
    assert_eq!(info.website_url.as_deref(), Some("https://example.com"));
    assert_eq!(
        info.icons.as_ref().unwrap()[0].src,
        "https://example.com/server.png"
    );
    assert_eq!(client.instructions().as_deref(), Some("Read the lists."));
}

#[purlin::test(eras)]
async fn what_is_hidden_is_served_all_the_same() {
    let client = connect(all::Server).await;
    assert_eq!(
        client.call::<String>("quiet", json!({})).await.unwrap(),
        "heard"
    );
    assert_eq!(client.read("options://quiet").await.unwrap(), "heard");
    client.prompt("quiet_prompt", ()).await.unwrap();
}

#[purlin::test]
async fn tags_are_what_filters_go_by() {
    let filter = purlin::TagFilter::only(["b"]);
    let client = connect(all::Server.into_server().filter(filter)).await;
    assert!(client.catalogue().await.tools.is_empty());
    client.call::<String>("quiet", json!({})).await.unwrap();
    assert!(client.call::<()>("chosen", json!({})).await.is_err());
}

#[purlin::test]
async fn whether_a_tool_runs_as_a_task_is_said_in_the_one_revision_that_knows() {
    for (revision, expected) in [
        (Revision::V2025_06_18, None),
        (Revision::V2025_11_25, Some(TaskSupport::Optional)),
        (Revision::V2026_07_28, None),
    ] {
        let client = client(all::Server).era(revision).connect().await;
        let tool = client.catalogue().await.tools.remove(0);
        let support = tool.execution.and_then(|execution| execution.task_support);
        assert_eq!(support, expected, "{revision}");
    }
}

#[mcp_server(version = "1.4.0")]
mod leaving {
    use purlin::prelude::*;

    /// Today.
    #[mcp_tool(deprecated(since = "1.2.0", remove_in = "2.0.0", note = "use `forecast`"))]
    fn by_option() {}

    /// Tomorrow.
    #[mcp_tool]
    #[deprecated(since = "1.3.0", note = "use `forecast`")]
    fn by_attribute() {}

    /// Yesterday.
    #[mcp_tool(deprecated(remove_in = "1.5.0-rc.1"))]
    #[deprecated = "it is gone"]
    fn by_both() {}

    #[mcp_tool(deprecated, allow(missing_description))]
    fn without_a_word() {}

    /// Now.
    #[mcp_tool]
    fn forecast() {}
}

#[purlin::test(eras)]
async fn what_is_on_its_way_out_says_so() {
    let client = connect(leaving::Server).await;
    let listed = client.catalogue().await;
    for (tool, description, meta) in [
        (
            "by_option",
            "Today.\n\nDeprecated since 1.2.0, removed in 2.0.0: use `forecast`",
            json!({ "since": "1.2.0", "removeIn": "2.0.0", "note": "use `forecast`" }),
        ),
        (
            "by_attribute",
            "Tomorrow.\n\nDeprecated since 1.3.0: use `forecast`",
            json!({ "since": "1.3.0", "note": "use `forecast`" }),
        ),
        (
            "by_both",
            "Yesterday.\n\nDeprecated, removed in 1.5.0-rc.1: it is gone",
            json!({ "removeIn": "1.5.0-rc.1", "note": "it is gone" }),
        ),
        ("without_a_word", "Deprecated.", json!({})),
    ] {
        let tool = listed.tool(tool).unwrap();
        assert_eq!(tool.description.as_deref(), Some(description));
        assert_eq!(
            tool.meta.as_ref().unwrap().get("purlin/deprecated"),
            Some(&meta)
        );
    }
    assert!(listed.tool("forecast").unwrap().meta.is_none());
    let all = connect(all::Server).await.catalogue().await;
    let template = all.templates[0].description.as_deref();
    assert_eq!(template, Some("A template.\n\nDeprecated."));
    let prompt = all.prompts[0].description.as_deref();
    assert_eq!(prompt, Some("A prompt.\n\nDeprecated: ask yourself"));
}

#[mcp_server]
mod declared {
    use purlin::prelude::*;
    use serde_json::{Value, json};

    #[derive(serde::Serialize, schemars::JsonSchema)]
    pub(super) struct City {
        /// What it is called.
        name: String,
        /// How many live there.
        people: u32,
    }

    /// A city, right or wrong.
    #[mcp_tool(output = City)]
    fn city(is_right: bool) -> Value {
        match is_right {
            true => json!({ "name": "Paris", "people": 2_100_000 }),
            false => json!({ "name": 7 }),
        }
    }

    /// Cities.
    #[mcp_tool(output = "Vec<City>")]
    async fn cities() -> Result<ToolResult, ToolError> {
        let city = City {
            name: "Paris".to_owned(),
            people: 2_100_000,
        };
        Ok(ToolResult::structured(&[city])?)
    }

    /// No cities.
    #[mcp_tool(output = "[City; 1]")]
    fn none() -> ToolResult {
        ToolResult::text("none")
    }

    /// A failure.
    #[mcp_tool(output = City)]
    fn lost() -> ToolResult {
        ToolResult::error("there is no such city")
    }
}

#[purlin::test(eras)]
async fn a_declared_output_is_listed_and_held_to() {
    let client = connect(declared::Server).await;
    let listed = client.catalogue().await;
    let schema = |tool: &Tool| tool.output_schema.clone().unwrap().get().to_owned();
    assert!(schema(&listed.tools[0]).contains("How many live there."));
    assert!(schema(&listed.tools[1]).contains("How many live there."));

    let right = client
        .call_tool("city", json!({ "is_right": true }))
        .await
        .unwrap();
    assert!(right.structured_content.unwrap().get().contains("Paris"));
    client.call_tool("cities", json!({})).await.unwrap();

    let said = async |tool: &str, arguments: Value| {
        let result = client.call_tool(tool, arguments).await.unwrap();
        assert!(result.is_error);
        seen(&result.content)[0]["text"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let wrong = said("city", json!({ "is_right": false })).await;
    for mistake in ["$.name: ", "$.people: "] {
        assert!(wrong.contains(mistake), "{wrong}");
    }
    let none = said("none", json!({})).await;
    assert!(none.contains("no structured content"), "{none}");
    assert_eq!(said("lost", json!({})).await, "there is no such city");
}
