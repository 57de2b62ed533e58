use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(deprecated(since = "2.0.0", remove_in = "1.9.0"))]
    fn current(&self) {}
}

fn main() {}
