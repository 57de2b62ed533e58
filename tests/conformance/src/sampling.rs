//! Questions to the client's model.

use purlin::{prelude::*, protocol::CreateMessageParams};

/// Sampling.
#[mcp_server]
pub(crate) mod fixtures {
    use super::*;

    /// Asks the client's model.
    #[mcp_tool]
    async fn test_sampling(
        /// What to ask.
        prompt: &str,
        cx: &Context,
    ) -> Result<String> {
        let answer = cx
            .sample(CreateMessageParams::new(100).user(prompt))
            .await?;
        Ok(format!("LLM response: {}", answer.text()))
    }

    /// Cannot do without the client's model.
    #[mcp_tool]
    async fn test_missing_capability(cx: &Context) -> Result<String> {
        let question = CreateMessageParams::new(100).user("Are you there?");
        Ok(cx.sample(question).await?.text())
    }
}
