use purlin::prelude::*;

struct Weather;

#[mcp_server(website = "example.com")]
impl Weather {}

fn main() {}
