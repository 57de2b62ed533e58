use purlin::prelude::*;

struct Weather;

#[mcp_server(scopes("a b"))]
impl Weather {
    /// Weather.
    #[mcp_tool]
    fn current(&self) {}
}

fn main() {}
