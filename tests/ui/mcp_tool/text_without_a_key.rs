use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool("current")]
    fn current(&self) {}
}

fn main() {}
