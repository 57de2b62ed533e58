use purlin::prelude::*;

#[mcp_server(parts(more))]
mod arithmetic {
    /// Does one thing.
    #[mcp_tool]
    pub fn nothing() {}
}

fn main() {}
