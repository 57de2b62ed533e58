#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    async fn tool(&self) -> usize {
        vec![std::thread::sleep(std::time::Duration::ZERO)].len()
    }
}

fn main() {}
