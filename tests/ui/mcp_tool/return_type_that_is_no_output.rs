use purlin::prelude::*;

struct Weather;

struct Conditions;

#[mcp_server]
impl Weather {
    /// Does it.
    #[mcp_tool]
    fn current(&self) -> Conditions {
        Conditions
    }
}

fn main() {}
