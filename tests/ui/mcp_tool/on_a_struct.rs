use purlin::prelude::*;

/// Does one thing.
#[mcp_tool]
struct Weather;

fn main() {}
