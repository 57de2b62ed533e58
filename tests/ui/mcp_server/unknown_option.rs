use purlin::prelude::*;

struct Weather;

#[mcp_server(verison = "1.4.0")]
impl Weather {}

fn main() {}
