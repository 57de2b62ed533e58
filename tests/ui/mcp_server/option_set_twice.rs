use purlin::prelude::*;

struct Weather;

#[mcp_server(name = "weather", name = "forecast")]
impl Weather {}

fn main() {}
