#![allow(dead_code)]

use purlin::prelude::*;

struct Weather;
struct Broken;

#[mcp_server]
impl Weather {
    /// Does it.
    #[mcp_prompt]
    fn briefing(&self) -> Result<String, Broken> {
        Err(Broken)
    }
}

fn main() {}
