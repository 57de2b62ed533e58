use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource("data://cities", mime_type = "json")]
    fn cities(&self) -> String {
        String::new()
    }
}

fn main() {}
