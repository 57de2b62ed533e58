use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(deprecated(removed_in = "2.0.0"))]
    fn current(&self) {}
}

fn main() {}
