#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

struct City;

#[mcp_server]
impl Weather {
    /// Does it.
    #[mcp_tool]
    fn current(&self, city: City) {}
}

fn main() {}
