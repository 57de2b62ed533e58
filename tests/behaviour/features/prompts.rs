use purlin::prelude::*;
use purlin::testing::protocol::{CompleteParams, Reference, Role};
use serde_json::json;

use crate::features::connect;

#[mcp_server]
mod travel {
    use super::*;

    /// Brief me.
    #[mcp_prompt]
    fn briefing(
        /// Where to.
        city: String,
        days: Option<u8>,
    ) -> Vec<PromptMessage> {
        vec![
            PromptMessage::user(format!("{city} for {} days", days.unwrap_or(1))),
            PromptMessage::assistant("Gladly."),
        ]
    }

    #[mcp_completion(prompt = "briefing", argument = "city")]
    fn cities(typed: &str) -> Vec<String> {
        (0..150).map(|n| format!("{typed}{n}")).collect()
    }
}

#[purlin::test(eras)]
async fn a_prompt_is_filled_in() {
    let client = connect(travel::Server).await;
    let prompt = client
        .prompt("briefing", json!({"city": "Oslo", "days": "3"}))
        .await
        .unwrap();
    assert_eq!(
        prompt.messages[0].content.as_text(),
        Some("Oslo for 3 days")
    );
    assert_eq!(prompt.messages[1].role, Role::Assistant);
    let listed = client.list_prompts().await.unwrap();
    let argument = &listed[0].arguments[0];
    assert_eq!(
        (argument.name.as_str(), argument.required),
        ("city", Some(true))
    );
    assert_eq!(argument.description.as_deref(), Some("Where to."));
}

#[purlin::test(eras)]
async fn mistakes_in_prompts_are_errors() {
    let client = connect(travel::Server).await;
    for (name, arguments) in [
        ("nope", json!({})),
        ("briefing", json!({})),
        ("briefing", json!({"city": "Oslo", "days": "many"})),
    ] {
        let error = client.prompt(name, arguments).await.unwrap_err();
        assert_eq!(error.code(), Some(-32602), "{name}: {error}");
    }
}

#[purlin::test(eras)]
async fn at_most_a_hundred_completions_are_given() {
    let client = connect(travel::Server).await;
    let params = CompleteParams::new(Reference::prompt("briefing"), "city", "P");
    let completion = client.complete(params).await.unwrap();
    assert_eq!(
        (completion.values.len(), completion.has_more),
        (100, Some(true))
    );
    assert_eq!(completion.values[0], "P0");
}
