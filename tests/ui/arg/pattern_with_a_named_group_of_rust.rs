#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn forecast(&self, #[arg(pattern = "(?P<year>[0-9]+)")] city: String) {}
}

fn main() {}
