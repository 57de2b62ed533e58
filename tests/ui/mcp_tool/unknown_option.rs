use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(readonly)]
    fn current(&self) {}
}

fn main() {}
