#![allow(unused_variables)]

use purlin::prelude::*;

struct Weather;

#[mcp_server(nmae = "weather")]
impl Weather {
    #[mcp_tool(timeout = "soon")]
    async fn current(&mut self, #[arg(range = 10..=1)] days: u8) {}

    #[mcp_resource("weather://{city")]
    async fn city(&self) -> String {
        String::new()
    }

    #[mcp_prompt(tilte = "Brief me")]
    fn briefing(&self) -> String {
        String::new()
    }
}

fn main() {}
