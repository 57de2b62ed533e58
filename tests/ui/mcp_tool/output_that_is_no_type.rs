use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(output = "one city")]
    fn current(&self) -> ToolResult {
        ToolResult::text("")
    }
}

fn main() {}
