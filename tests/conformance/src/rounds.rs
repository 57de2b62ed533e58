//! Input in rounds: the same straight line of code, whoever carries it.

use purlin::{prelude::*, protocol::CreateMessageParams};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Name {
    name: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Confirmation {
    ok: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Color {
    color: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Background {
    context: String,
}

/// What was answered, or a word for no answer.
fn said<T>(answer: Answer<T>, text: impl FnOnce(T) -> String) -> String {
    answer.accepted().map_or_else(|| "nothing".to_owned(), text)
}

/// Rounds of input.
#[mcp_server]
pub(crate) mod fixtures {
    use super::*;

    /// Asks the user for their name.
    #[mcp_tool]
    async fn test_input_required_result_elicitation(cx: &Context) -> Result<String> {
        let answer = cx
            .elicit::<Name>("What is your name?")
            .key("user_name")
            .await?;
        Ok(format!("Hello, {}!", said(answer, |user| user.name)))
    }

    /// Asks the client's model.
    #[mcp_tool]
    async fn test_input_required_result_sampling(cx: &Context) -> Result<String> {
        let question = CreateMessageParams::new(100).user("What is the capital of France?");
        Ok(cx.sample(question).key("capital_question").await?.text())
    }

    /// Asks for the client's roots.
    #[mcp_tool]
    async fn test_input_required_result_list_roots(cx: &Context) -> Result<String> {
        let roots = cx.roots().key("client_roots").await?;
        Ok(format!("{} roots", roots.len()))
    }

    /// Carries its state through the client.
    #[mcp_tool]
    async fn test_input_required_result_request_state(cx: &Context) -> Result<String> {
        let answer = cx
            .elicit::<Confirmation>("Please confirm")
            .key("confirm")
            .await?;
        let answer = said(answer, |confirmation| confirmation.ok.to_string());
        Ok(format!("state-ok: {answer}"))
    }

    /// Asks three questions in one round.
    #[mcp_tool]
    async fn test_input_required_result_multiple_inputs(cx: &Context) -> Result<String> {
        let greeting = CreateMessageParams::new(50).user("Generate a greeting");
        let (name, greeting, roots) = cx
            .all((
                cx.elicit::<Name>("What is your name?").key("user_name"),
                cx.sample(greeting).key("greeting"),
                cx.roots().key("client_roots"),
            ))
            .await?;
        let name = said(name, |user| user.name);
        Ok(format!("{} {name}: {} roots", greeting.text(), roots.len()))
    }

    /// Asks twice, one after the other.
    #[mcp_tool]
    async fn test_input_required_result_multi_round(cx: &Context) -> Result<String> {
        let name = cx
            .elicit::<Name>("Step 1: What is your name?")
            .key("step1")
            .await?;
        let color = cx
            .elicit::<Color>("Step 2: What is your favorite color?")
            .key("step2")
            .await?;
        Ok(format!(
            "{} likes {}",
            said(name, |user| user.name),
            said(color, |choice| choice.color)
        ))
    }

    /// Has its state tampered with.
    #[mcp_tool]
    async fn test_input_required_result_tampered_state(cx: &Context) -> Result<String> {
        let answer = cx
            .elicit::<Confirmation>("Please confirm")
            .key("confirm")
            .await?;
        Ok(said(answer, |confirmation| confirmation.ok.to_string()))
    }

    /// Asks whoever can be asked.
    #[mcp_tool]
    async fn test_input_required_result_capabilities(cx: &Context) -> Result<String> {
        if cx.client_capabilities().sampling() {
            let question = CreateMessageParams::new(100).user("What is the capital of France?");
            return Ok(cx.sample(question).key("model").await?.text());
        }
        let answer = cx
            .elicit::<Name>("What is your name?")
            .key("user_name")
            .await?;
        Ok(said(answer, |user| user.name))
    }

    /// Asks the user before it makes its messages.
    #[mcp_prompt]
    async fn test_input_required_result_prompt(cx: &Context) -> Result<String> {
        let answer = cx
            .elicit::<Background>("What context should the prompt use?")
            .key("user_context")
            .await?;
        let context = said(answer, |background| background.context);
        Ok(format!("Use this context: {context}"))
    }
}
