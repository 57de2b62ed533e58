#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource("weather://{country")]
    fn cities(&self, country: String) -> String {
        String::new()
    }
}

fn main() {}
