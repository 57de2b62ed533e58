#![deny(deprecated)]

use purlin::prelude::*;

struct Shop;

#[mcp_server(instructions = "Sell what there is. Add up all prices yourself.")]
impl Shop {}

fn main() {}
