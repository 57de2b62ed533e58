//! A server with three tools, a resource, a family of resources and a prompt.
use std::time::Duration;

use purlin::prelude::*;

/// A first server.
#[mcp_server(name = "quickstart")]
mod quickstart {
    use super::*;

    /// Adds two numbers.
    #[mcp_tool(read_only)]
    fn add(a: i64, b: i64) -> i64 {
        a + b
    }

    /// Takes its time, and says how far it is.
    #[mcp_tool]
    async fn slow(
        /// How many steps to take.
        #[arg(range = 1..=100)]
        n: u32,
        cx: &Context,
    ) -> String {
        for step in 1..=n {
            tokio::time::sleep(Duration::from_millis(20)).await;
            cx.info(format!("step {step} of {n}"));
            cx.progress(step, n);
        }
        format!("took {n} steps")
    }

    /// Always fails.
    #[mcp_tool]
    fn boom() -> Result<String, ToolError> {
        Err(ToolError::new("boom").with_recovery("Call another tool."))
    }

    /// How this server is doing.
    #[mcp_resource("data://stats", mime_type = "application/json")]
    fn stats() -> String {
        r#"{"tools":3}"#.to_owned()
    }

    /// A greeting for anyone.
    #[mcp_resource("greet://{name}", mime_type = "text/plain")]
    fn greet(name: &str) -> String {
        format!("Hello, {name}!")
    }

    /// Asks about a topic.
    #[mcp_prompt]
    fn ask(topic: &str) -> String {
        format!("What should I know about {topic}?")
    }
}

#[purlin::main]
async fn main() -> Result<()> {
    quickstart::Server.into_server().serve().await
}
