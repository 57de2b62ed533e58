#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource("weather://{city:3}")]
    fn cities(&self, city: String) -> String {
        String::new()
    }
}

fn main() {}
