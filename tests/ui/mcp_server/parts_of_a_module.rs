use purlin::prelude::*;

#[mcp_server(parts(more))]
mod arithmetic {
    #[mcp_tool]
    pub fn nothing() {}
}

fn main() {}
