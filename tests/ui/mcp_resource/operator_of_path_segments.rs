#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource("weather://cities{/city}")]
    fn cities(&self, city: String) -> String {
        String::new()
    }
}

fn main() {}
