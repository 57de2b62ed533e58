use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(deprecated(remove_in = "0.0.0-alpha.1"))]
    fn current(&self) {}
}

fn main() {}
