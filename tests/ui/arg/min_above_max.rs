#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn forecast(&self, #[arg(min_length = 8, max_length = 2)] value: String) {}
}

fn main() {}
