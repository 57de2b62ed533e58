#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource("weather://{city}")]
    fn forecast(&self, #[arg(alias("town"))] city: String) -> String {
        String::new()
    }
}

fn main() {}
