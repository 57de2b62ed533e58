//! What each scenario has the client do.

use std::env;

use purlin_client::Client;
use serde_json::{Value, json};

use crate::Failure;

/// Plays a scenario, which fails if anything in it does.
pub(crate) async fn play(scenario: &str, client: &Client) -> Result<(), Failure> {
    match scenario {
        "initialize" | "request-metadata" | "json-schema-ref-no-deref" => list(client).await,
        "tools_call" => add(client).await,
        "elicitation-sep1034-client-defaults" => {
            call(client, "test_client_elicitation_defaults").await
        }
        "sse-retry" => call(client, "test_reconnection").await,
        "sep-2322-client-request-state" => rounds(client).await,
        "http-standard-headers" => all_pairs(client).await,
        "http-custom-headers" => calls_of_context(client).await,
        "http-invalid-tool-headers" => call_all(client).await,
        "json-schema-2020-12-preservation" => echo_schema(client).await,
        "sep-2640-client-no-prefetch" => skills(client).await,
        skills if skills.starts_with("sep-2640-") => load_skills(client).await,
        oauth if oauth.starts_with("auth/") => list_and_call(client).await,
        unknown => Err(format!("this client does not play `{unknown}`").into()),
    }
}

async fn list(client: &Client) -> Result<(), Failure> {
    client.list_tools().await?;
    Ok(())
}

async fn list_and_call(client: &Client) -> Result<(), Failure> {
    list(client).await?;
    call(client, "test-tool").await
}

async fn call(client: &Client, tool: &str) -> Result<(), Failure> {
    client.call_tool(tool, json!({})).await?;
    Ok(())
}

async fn add(client: &Client) -> Result<(), Failure> {
    client.list_tools().await?;
    client
        .call_tool("add_numbers", json!({"a": 5, "b": 3}))
        .await?;
    Ok(())
}

async fn rounds(client: &Client) -> Result<(), Failure> {
    for tool in [
        "test_mrtr_echo_state",
        "test_mrtr_no_state",
        "test_mrtr_unrelated",
        "test_mrtr_no_result_type",
    ] {
        call(client, tool).await?;
    }
    Ok(())
}

async fn call_all(client: &Client) -> Result<(), Failure> {
    for tool in client.list_tools().await? {
        call(client, &tool.name).await?;
    }
    Ok(())
}

async fn all_pairs(client: &Client) -> Result<(), Failure> {
    call_all(client).await?;
    for resource in client.list_resources().await? {
        client.read_resource(&resource.uri).await?;
    }
    for prompt in client.list_prompts().await? {
        client.get_prompt(&prompt.name, json!({})).await?;
    }
    Ok(())
}

/// The calls that the suite wants made.
async fn calls_of_context(client: &Client) -> Result<(), Failure> {
    let context: Value = serde_json::from_str(&env::var("MCP_CONFORMANCE_CONTEXT")?)?;
    client.list_tools().await?;
    for wanted in context["toolCalls"].as_array().into_iter().flatten() {
        let name = wanted["name"].as_str().ok_or("a call without a name")?;
        client.call_tool(name, &wanted["arguments"]).await?;
    }
    Ok(())
}

async fn skills(client: &Client) -> Result<(), Failure> {
    client.skills().all().await?;
    Ok(())
}

/// Loads every skill, and then its other files.
async fn load_skills(client: &Client) -> Result<(), Failure> {
    for skill in client.skills().all().await? {
        client.load_skill(&skill).await?;
        for file in skill.files() {
            client.skill_file(&skill, &file.uri).await?;
        }
    }
    Ok(())
}

async fn echo_schema(client: &Client) -> Result<(), Failure> {
    let tools = client.list_tools().await?;
    let tool = tools
        .iter()
        .find(|tool| tool.name == "json_schema_2020_12_tool")
        .ok_or("the tool with the schema is missing")?;
    client
        .call_tool("json_schema_echo", json!({"schema": tool.input_schema}))
        .await?;
    Ok(())
}
