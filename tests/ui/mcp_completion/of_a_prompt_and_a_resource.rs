#![allow(unused_variables)]

use purlin::prelude::*;

#[mcp_server]
mod weather {
    use purlin::prelude::*;

    #[mcp_prompt]
    pub fn briefing(city: &str) -> String {
        city.to_owned()
    }

    #[mcp_resource("weather://{country}")]
    pub fn cities(country: &str) -> String {
        country.to_owned()
    }

    #[mcp_completion(prompt = "briefing", resource = "weather://{country}", argument = "city")]
    pub fn complete(typed: &str) -> Vec<String> {
        Vec::new()
    }
}

fn main() {}
