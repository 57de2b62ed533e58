#![deny(deprecated)]

use purlin::prelude::*;

mod reqwest {
    pub struct Client;
    impl Client {
        pub fn new() -> Self {
            Self
        }
    }
}

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    async fn tool(&self) {
        reqwest::Client::new();
    }
}

fn main() {}
