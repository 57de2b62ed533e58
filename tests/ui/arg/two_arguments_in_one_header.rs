#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn forecast(&self, #[arg(header = "Region")] value: String, #[arg(header = "region")] other: String) {}
}

fn main() {}
