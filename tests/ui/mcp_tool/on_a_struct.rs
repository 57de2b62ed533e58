use purlin::prelude::*;

#[mcp_tool]
struct Weather;

fn main() {}
