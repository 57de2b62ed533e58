use purlin::prelude::*;

struct Weather;

impl Weather {
    #[mcp_prompt]
    fn current(&self, city: String) -> String {
        city
    }
}

fn main() {}
