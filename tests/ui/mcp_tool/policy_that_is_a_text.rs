use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(policy("owner"))]
    fn current(&self) {}
}

fn main() {}
