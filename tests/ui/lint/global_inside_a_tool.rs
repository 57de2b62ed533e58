#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    fn tool(&self, name: String) -> String {
        static LAST: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        LAST.get_or_init(|| name).clone()
    }
}

fn main() {}
