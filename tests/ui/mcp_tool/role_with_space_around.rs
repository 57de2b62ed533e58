use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(roles("admin "))]
    fn current(&self) {}
}

fn main() {}
