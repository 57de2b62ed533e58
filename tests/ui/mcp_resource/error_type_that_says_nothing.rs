#![allow(dead_code)]

use purlin::prelude::*;

struct Weather;
struct Broken;

#[mcp_server]
impl Weather {
    /// Does it.
    #[mcp_resource("weather://now")]
    fn now(&self) -> Result<String, Broken> {
        Err(Broken)
    }
}

fn main() {}
