use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn current(&self) {}
}

#[mcp_server(part)]
impl Weather {
    #[mcp_tool(name = "current")]
    fn now(&self) {}
}

fn main() {}
