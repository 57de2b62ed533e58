use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(meta = "{team: weather}")]
    fn current(&self) {}
}

fn main() {}
