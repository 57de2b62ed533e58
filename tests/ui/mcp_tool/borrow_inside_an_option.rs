#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn current(&self, city: Option<&str>) {}
}

fn main() {}
