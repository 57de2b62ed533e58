use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(deprecated = "1.2.0")]
    fn current(&self) {}
}

fn main() {}
