use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(rate_limit = "10/fortnight")]
    fn current(&self) {}
}

fn main() {}
