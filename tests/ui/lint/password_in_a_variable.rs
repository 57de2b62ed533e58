#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    fn tool(&self) -> usize {
        let password = "hunter22";
        password.len()
    }
}

fn main() {}
