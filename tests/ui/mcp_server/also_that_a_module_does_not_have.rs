use purlin::prelude::*;

#[mcp_server(also(double))]
mod arithmetic {
    /// Does one thing.
    #[mcp_tool]
    pub fn nothing() {}
}

fn main() {}
