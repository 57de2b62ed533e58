use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_resource("weather://now", task = "optional")]
    fn now(&self) -> String {
        String::new()
    }
}

fn main() {}
