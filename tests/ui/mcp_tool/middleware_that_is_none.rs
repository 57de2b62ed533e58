use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Does one thing.
    #[mcp_tool(middleware(String::new()))]
    fn current(&self) {}
}

fn main() {}
