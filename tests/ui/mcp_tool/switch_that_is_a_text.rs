use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(read_only = "yes")]
    fn current(&self) {}
}

fn main() {}
