use purlin::prelude::*;

#[mcp_server(part)]
mod weather {}

fn main() {}
