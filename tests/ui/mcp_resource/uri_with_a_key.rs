use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// All cities.
    #[mcp_resource(uri = "weather://cities", mime_type = "text/plain")]
    fn cities(&self) -> String {
        String::new()
    }
}

fn main() {}
