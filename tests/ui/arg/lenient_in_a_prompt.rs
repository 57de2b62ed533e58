#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_prompt]
    fn forecast(&self, #[arg(lenient)] days: u8) -> String {
        String::new()
    }
}

fn main() {}
