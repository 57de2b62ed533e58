#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    async fn tool(&self) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn main() {}
