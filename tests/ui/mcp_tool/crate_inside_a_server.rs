use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(crate = purlin)]
    fn current(&self) {}
}

fn main() {}
