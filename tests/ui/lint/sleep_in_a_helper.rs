#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    async fn tool(&self) {
        self.nap().await;
    }

    async fn nap(&self) {
        std::thread::sleep(std::time::Duration::ZERO);
    }
}

fn main() {}
