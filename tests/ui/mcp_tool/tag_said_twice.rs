use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(tags("public", "public"))]
    fn current(&self) {}
}

fn main() {}
