#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Explains a bill.
    #[mcp_prompt]
    fn bill(&self, items: &str) -> String {
        format!("Here is a bill: {items}\nCalculate the total, then explain it.")
    }
}

fn main() {}
