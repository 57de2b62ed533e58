use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_tool(deprecated("use `forecast`"))]
    fn current(&self) {}
}

fn main() {}
