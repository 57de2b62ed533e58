#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn forecast(&self, #[arg(min = 0.5)] value: i64) {}
}

fn main() {}
