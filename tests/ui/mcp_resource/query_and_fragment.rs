#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Cities of a country.
    #[mcp_resource("weather://cities{#country}{?limit}")]
    fn cities(&self, country: String, limit: Option<u32>) -> String {
        String::new()
    }
}

fn main() {}
