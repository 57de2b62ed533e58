use purlin::prelude::*;

#[mcp_server(also(double))]
mod arithmetic {
    #[mcp_tool]
    pub fn nothing() {}
}

fn main() {}
