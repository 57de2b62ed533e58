use purlin::prelude::*;

struct Weather;

#[mcp_server(deprecated)]
impl Weather {
    #[mcp_tool]
    fn current(&self) {}
}

fn main() {}
