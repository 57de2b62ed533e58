#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn forecast(&self, #[arg(range = 0..=300)] value: u8) {}
}

fn main() {}
