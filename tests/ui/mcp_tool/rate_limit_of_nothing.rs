use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(rate_limit = "0/minute")]
    fn current(&self) {}
}

fn main() {}
