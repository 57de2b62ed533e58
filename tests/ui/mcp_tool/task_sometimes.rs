use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(task = "sometimes")]
    fn current(&self) {}
}

fn main() {}
