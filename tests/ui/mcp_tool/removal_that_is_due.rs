use purlin::prelude::*;

struct Weather;

#[mcp_server(version = "2.0.0")]
impl Weather {
    /// Weather.
    #[mcp_tool(deprecated(since = "1.2.0", remove_in = "2.0.0"))]
    fn current(&self) {}
}

fn main() {}
