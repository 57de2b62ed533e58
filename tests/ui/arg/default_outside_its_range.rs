#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn forecast(&self, #[arg(range = 1..=10, default = 11)] value: u8) {}
}

fn main() {}
