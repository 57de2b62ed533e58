use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(scopes("bücher:lesen"))]
    fn current(&self) {}
}

fn main() {}
