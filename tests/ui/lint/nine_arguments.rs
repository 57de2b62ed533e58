#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool]
    fn tool(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, cx: &Context) {
        let _all = (a, b, c, d, e, f, g, h, i, cx);
    }
}

fn main() {}
