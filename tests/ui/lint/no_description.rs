#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    #[mcp_tool]
    fn tool(&self) {}
}

fn main() {}
