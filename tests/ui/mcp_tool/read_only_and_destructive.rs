use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(read_only, destructive)]
    fn current(&self) {}
}

fn main() {}
