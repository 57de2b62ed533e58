#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource("weather://{country}{city}")]
    fn cities(&self, country: String, city: String) -> String {
        String::new()
    }
}

fn main() {}
