#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn forecast(&self, #[arg(one_of("celsius", "kelvin"), default = "metric")] units: String) {}
}

fn main() {}
