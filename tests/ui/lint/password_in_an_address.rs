#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    fn tool(&self) -> usize {
        "postgres://shop:hunter22@db/orders".len()
    }
}

fn main() {}
