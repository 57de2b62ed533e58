#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Cities of a country.
    #[mcp_resource("weather://cities{;country*}")]
    fn cities(&self, country: String) -> String {
        String::new()
    }
}

fn main() {}
