#![deny(deprecated)]

use purlin::prelude::*;

#[mcp_server]
mod shop {
    use std::fs::read_to_string as slurp;

    use purlin::prelude::*;

    /// What is in stock.
    #[mcp_tool]
    pub async fn stock() -> Option<String> {
        slurp("stock.txt").ok()
    }
}

fn main() {}
