use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(rate_limit = "1.5/s")]
    fn current(&self) {}
}

fn main() {}
