#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    async fn tool(&self) -> bool {
        let status = std::process::Command::new("ls").arg("-l").status();
        status.is_ok_and(|status| status.success())
    }
}

fn main() {}
