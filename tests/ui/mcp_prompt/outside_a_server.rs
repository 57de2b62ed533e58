use purlin::prelude::*;

struct Weather;

impl Weather {
    /// Does one thing.
    #[mcp_prompt]
    fn current(&self, city: String) -> String {
        city
    }
}

fn main() {}
