use purlin::prelude::*;

struct Weather;

#[mcp_server(policy(Office))]
impl Weather {
    /// Weather.
    #[mcp_tool]
    fn current(&self) {}
}

struct Office;

fn main() {}
