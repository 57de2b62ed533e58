use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource("cities")]
    fn cities(&self) -> String {
        String::new()
    }
}

fn main() {}
