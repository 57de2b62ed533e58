#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    fn tool(&self) -> usize {
        "ghp_NotAReal1Token2But3Shaped4Like5One6".len()
    }
}

fn main() {}
