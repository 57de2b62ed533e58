use purlin::prelude::*;

struct Weather;

#[mcp_server(icons)]
impl Weather {}

fn main() {}
