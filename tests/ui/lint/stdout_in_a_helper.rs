#![deny(deprecated)]

use purlin::prelude::*;

use std::io::{self, Write};

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    async fn tool(&self) {
        self.shout();
    }

    fn shout(&self) {
        let _sold = writeln!(io::stdout(), "sold");
    }
}

fn main() {}
