use purlin::prelude::*;

struct Weather;

#[mcp_server(rate_limit = "10/minute")]
impl Weather {
    /// Weather.
    #[mcp_tool]
    fn current(&self) {}
}

fn main() {}
