use purlin::prelude::*;

struct Weather;

#[mcp_server(name)]
impl Weather {}

fn main() {}
