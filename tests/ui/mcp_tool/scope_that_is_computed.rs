use purlin::prelude::*;

struct Weather;

const READ: &str = "orders:read";

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(scopes(READ))]
    fn current(&self) {}
}

fn main() {}
