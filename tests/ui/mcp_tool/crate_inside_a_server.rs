use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Does one thing.
    #[mcp_tool(crate = purlin)]
    fn current(&self) {}
}

fn main() {}
