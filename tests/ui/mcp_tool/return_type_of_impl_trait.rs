use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn current(&self) -> impl Into<String> {
        "sunny"
    }
}

fn main() {}
