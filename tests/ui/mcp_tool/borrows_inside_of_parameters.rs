use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Compares cities.
    #[mcp_tool]
    fn compare(&self, cities: &[&str], pair: (&str, u8), more: &&str) {
        let _ = (cities, pair, more);
    }
}

fn main() {}
