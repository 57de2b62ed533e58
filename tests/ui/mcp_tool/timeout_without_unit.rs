use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(timeout = "5")]
    fn current(&self) {}
}

fn main() {}
