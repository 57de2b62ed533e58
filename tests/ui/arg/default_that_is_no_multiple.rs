#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn forecast(&self, #[arg(multiple_of = 5, default = 12)] minutes: u8) {}
}

fn main() {}
