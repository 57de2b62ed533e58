use purlin::prelude::*;

struct Weather;

impl Weather {
    /// Does one thing.
    #[mcp_tool]
    fn current(city: String) -> String {
        city
    }
}

fn main() {}
