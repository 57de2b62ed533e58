#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Cities of a country.
    #[mcp_resource("weather://cities{.country,city}")]
    fn cities(&self, country: String, city: String) -> String {
        String::new()
    }
}

fn main() {}
