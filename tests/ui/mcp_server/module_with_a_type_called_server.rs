use purlin::prelude::*;

#[mcp_server]
mod weather {
    pub struct Server;
}

fn main() {}
