use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(blocking)]
    async fn current(&self) {}
}

fn main() {}
