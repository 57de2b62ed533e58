use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource("data://cities", audience("users"))]
    fn cities(&self) -> String {
        String::new()
    }
}

fn main() {}
