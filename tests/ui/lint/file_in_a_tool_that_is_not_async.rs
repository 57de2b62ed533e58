#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    fn tool(&self) -> bool {
        std::fs::exists("/tmp/a").unwrap_or(false)
    }
}

fn main() {}
