#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource("weather://{country}")]
    fn cities(&self, county: String) -> String {
        String::new()
    }
}

fn main() {}
