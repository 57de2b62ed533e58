use purlin::prelude::*;

#[mcp_server]
mod weather {
    use purlin::prelude::*;

    #[mcp_tool]
    pub fn current() {}

    #[mcp_tool(name = "current")]
    pub fn now() {}
}

fn main() {}
