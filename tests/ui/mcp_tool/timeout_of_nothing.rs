use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(timeout = "0s")]
    fn current(&self) {}
}

fn main() {}
