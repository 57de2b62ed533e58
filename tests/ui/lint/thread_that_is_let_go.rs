#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    async fn tool(&self) {
        std::thread::spawn(|| {});
    }
}

fn main() {}
