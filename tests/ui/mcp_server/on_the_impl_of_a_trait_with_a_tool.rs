use purlin::prelude::*;

struct Weather;

trait Forecast {
    fn forecast(&self);
}

#[mcp_server]
impl Forecast for Weather {
    /// The forecast.
    #[mcp_tool]
    fn forecast(&self) {}
}

fn main() {}
