use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// The forecast.
    #[mcp_tool]
    fn forecast(&self, city: &dyn std::fmt::Display) {
        let _ = city;
    }
}

fn main() {}
