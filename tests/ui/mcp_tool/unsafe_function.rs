use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    unsafe fn current(&self) {}
}

fn main() {}
