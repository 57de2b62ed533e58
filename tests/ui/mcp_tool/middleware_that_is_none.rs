use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(middleware(String::new()))]
    fn current(&self) {}
}

fn main() {}
