//! The server that the tests of stdio start.

#![allow(clippy::print_stdout)]

use purlin::prelude::*;

/// A few tools.
#[mcp_server(name = "stdio-server")]
mod tools {
    /// Answers at once.
    #[mcp_tool]
    fn quick() -> &'static str {
        "quick"
    }

    /// Answers after a while.
    #[mcp_tool]
    async fn slow() -> &'static str {
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        "slow"
    }

    /// Prints.
    #[mcp_tool(allow(stdout_pollution))]
    fn print() -> &'static str {
        println!("this is no message");
        "printed"
    }

    /// Never answers.
    #[mcp_tool]
    async fn hang() -> &'static str {
        std::future::pending().await
    }
}

#[purlin::main]
async fn main() -> Result<()> {
    tools::Server.into_server().serve().await
}
