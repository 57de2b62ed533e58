//! The server that the tests of stdio start.

#![allow(clippy::print_stdout)]

use purlin::ErrorKind;
use purlin::middleware::Initialize;
use purlin::prelude::*;
use purlin::protocol::InitializeResult;

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

/// Takes its time, and turns away who calls itself `bad`.
#[middleware]
async fn doorkeeper(asked: Initialize<'_>, next: Next<'_>) -> Result<InitializeResult> {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    if asked.client_info().name == "bad" {
        return Err(Error::new(ErrorKind::Forbidden, "not you"));
    }
    next.run(asked).await
}

#[purlin::main]
async fn main() -> Result<()> {
    let server = tools::Server.into_server().middleware(doorkeeper);
    server.serve().await
}
