#![allow(dead_code)]

use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Brief me.
    #[mcp_prompt]
    fn briefing(&self, city: String) -> String {
        city
    }

    #[mcp_completion(prompt = "briefing", argument = "city")]
    fn cities(&self, typed: &str, limit: usize) -> Vec<String> {
        vec![typed.to_owned(); limit]
    }
}

fn main() {}
