use purlin::prelude::*;

struct Weather;

impl Weather {
    #[mcp_resource("weather://now")]
    fn current(&self) -> String {
        String::new()
    }
}

fn main() {}
