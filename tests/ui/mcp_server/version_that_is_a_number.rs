use purlin::prelude::*;

struct Weather;

#[mcp_server(version = 1.4)]
impl Weather {}

fn main() {}
