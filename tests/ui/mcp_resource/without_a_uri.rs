use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource(mime_type = "text/plain")]
    fn cities(&self) -> String {
        String::new()
    }
}

fn main() {}
