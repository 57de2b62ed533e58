use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(deprecated(since = "1.2"))]
    fn current(&self) {}
}

fn main() {}
