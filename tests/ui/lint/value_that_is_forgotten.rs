#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    fn tool(&self, name: String) {
        std::mem::forget(name);
    }
}

fn main() {}
