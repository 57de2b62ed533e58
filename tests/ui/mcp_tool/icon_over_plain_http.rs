use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(icons("http://example.com/sun.png"))]
    fn current(&self) {}
}

fn main() {}
