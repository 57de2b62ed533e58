use purlin::prelude::*;

struct Weather;

struct Conditions;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn current(&self) -> Conditions {
        Conditions
    }
}

fn main() {}
