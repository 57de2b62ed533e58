use purlin::prelude::*;

struct Weather;

impl Weather {
    #[mcp_tool]
    fn current(&self, city: String) -> String {
        city
    }
}

fn main() {}
