use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(middleware("audit"))]
    fn current(&self) {}
}

fn main() {}
