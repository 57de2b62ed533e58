use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource("data://cities", priority = 2.0)]
    fn cities(&self) -> String {
        String::new()
    }
}

fn main() {}
