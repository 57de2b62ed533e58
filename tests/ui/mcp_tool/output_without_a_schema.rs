use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(output = Weather)]
    fn current(&self) -> ToolResult {
        ToolResult::text("")
    }
}

fn main() {}
