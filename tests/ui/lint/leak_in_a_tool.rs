#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    fn tool(&self, name: String) -> &'static str {
        Box::leak(name.into_boxed_str())
    }
}

fn main() {}
