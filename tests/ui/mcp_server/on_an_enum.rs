use purlin::prelude::*;

#[mcp_server]
enum Weather {
    Sunny,
}

fn main() {}
