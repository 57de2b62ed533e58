#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_prompt]
    fn forecast(&self, #[arg(header = "City")] city: String) -> String {
        String::new()
    }
}

fn main() {}
