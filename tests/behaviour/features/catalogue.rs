use purlin::prelude::*;
use purlin::testing::assert_snapshot;

use crate::features::connect;

#[mcp_server]
mod five {
    /// One.
    #[mcp_tool(title = "The first", read_only, idempotent)]
    fn one(
        /// A word.
        word: &str,
    ) -> usize {
        word.len()
    }

    /// Two.
    #[mcp_tool(destructive)]
    fn two(flags: Vec<bool>, limit: Option<u8>) -> Vec<bool> {
        flags
            .into_iter()
            .take(limit.unwrap_or(u8::MAX).into())
            .collect()
    }

    /// Three.
    #[mcp_tool]
    fn three() {}

    /// Four.
    #[mcp_tool]
    fn four(#[arg(default = 0.5, range = 0.0..=1.0)] share: f64) -> f64 {
        share
    }

    /// Five.
    #[mcp_tool]
    fn five(#[arg(one_of("a", "b"))] letter: String) -> String {
        letter
    }

    /// A thing.
    #[mcp_resource("things://{id}", mime_type = "text/plain")]
    fn thing(id: u32) -> String {
        id.to_string()
    }

    /// A question.
    #[mcp_prompt(title = "Question")]
    fn question(about: String) -> String {
        about
    }
}

/// A server with five tools, a template and a prompt.
pub(crate) fn everything() -> Server {
    five::Server.into_server()
}

#[purlin::test]
async fn what_a_server_lists_does_not_change_unseen() {
    let client = connect(everything()).await;
    assert_snapshot("snapshots/catalogue.json", client.catalogue().await);
}
