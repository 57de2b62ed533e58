use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(scopes("orders:read orders:write"))]
    fn current(&self) {}
}

fn main() {}
