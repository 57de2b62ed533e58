use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(output = String)]
    fn current(&self) -> u32 {
        21
    }
}

fn main() {}
