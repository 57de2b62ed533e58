#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn forecast(&self, #[arg(max_items = 1, example = ["a", "b"])] tags: Vec<String>) {}
}

fn main() {}
