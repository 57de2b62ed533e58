use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Does it.
    #[mcp_tool]
    fn current(&self) {}
}

#[mcp_server(part)]
impl Weather {
    /// Does it.
    #[mcp_tool(name = "current")]
    fn now(&self) {}
}

fn main() {}
