#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource("weather://{token}")]
    fn forecast(&self, #[arg(sensitive)] token: String) -> String {
        String::new()
    }
}

fn main() {}
