//! The same tools on Purlin, all default protections on.

use bench::{Arguments, EXTRA_DESCRIPTION, extra_name, extra_schema};
use clap::Parser;
use purlin::DynamicTool;
use purlin::prelude::*;
use purlin::protocol::{Schema, Tool};

/// The tools measured.
#[mcp_server(name = "bench", version = "1.0.0")]
mod tools {
    use bench::Rows;
    use purlin::prelude::*;

    /// Adds two numbers.
    #[mcp_tool]
    pub fn add(a: i64, b: i64) -> i64 {
        a + b
    }

    /// Finds rows.
    #[mcp_tool]
    pub fn search(query: String) -> Json<Rows> {
        Json(bench::search(&query))
    }

    /// Says it again.
    #[mcp_tool]
    pub fn echo(text: String) -> String {
        text
    }
}

#[purlin::main]
async fn main() -> purlin::Result<()> {
    let server = tools::Server.into_server();
    for number in 0..Arguments::parse().tools {
        server.add_tool(extra(number))?;
    }
    server.serve().await
}

/// A tool that only makes the list longer.
fn extra(number: usize) -> DynamicTool {
    let schema = Schema::from(extra_schema());
    let tool = Tool::new(extra_name(number), schema).with_description(EXTRA_DESCRIPTION);
    DynamicTool::new(tool, |_, _| async { Ok(ToolResult::text("done")) })
}
