use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(output = 5)]
    fn current(&self) -> ToolResult {
        ToolResult::text("")
    }
}

fn main() {}
