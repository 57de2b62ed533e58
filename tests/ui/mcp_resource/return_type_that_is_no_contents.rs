use purlin::prelude::*;

struct Weather;

struct Conditions;

#[mcp_server]
impl Weather {
    #[mcp_resource("weather://now")]
    fn now(&self) -> Conditions {
        Conditions
    }
}

fn main() {}
