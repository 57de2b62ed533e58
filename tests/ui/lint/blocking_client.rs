#![deny(deprecated)]

use purlin::prelude::*;

mod reqwest {
    pub mod blocking {
        pub fn get(_: &str) {}
    }
}

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    async fn tool(&self) {
        reqwest::blocking::get("https://example.com");
    }
}

fn main() {}
