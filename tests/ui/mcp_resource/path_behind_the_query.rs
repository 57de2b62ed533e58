#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_resource("weather://all{?page}/cities")]
    fn cities(&self, page: Option<u32>) -> String {
        String::new()
    }
}

fn main() {}
