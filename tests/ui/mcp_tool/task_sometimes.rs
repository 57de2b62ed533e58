use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(task = "sometimes")]
    fn current(&self) {}
}

fn main() {}
