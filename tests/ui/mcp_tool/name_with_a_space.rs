use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(name = "current weather")]
    fn current(&self) {}
}

fn main() {}
