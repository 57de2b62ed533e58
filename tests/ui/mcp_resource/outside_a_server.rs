use purlin::prelude::*;

struct Weather;

impl Weather {
    /// Does one thing.
    #[mcp_resource("weather://now")]
    fn current(&self) -> String {
        String::new()
    }
}

fn main() {}
