use purlin::prelude::*;

#[mcp_server(max_tools = 1)]
mod weather {
    use purlin::prelude::*;

    #[mcp_tool]
    pub fn current() {}

    #[mcp_tool]
    pub fn forecast() {}
}

fn main() {}
