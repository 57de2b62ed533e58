use purlin::prelude::*;

struct Weather;

impl Weather {
    #[mcp_completion(prompt = "briefing", argument = "city")]
    fn current(&self, typed: &str) -> Vec<String> {
        vec![typed.to_owned()]
    }
}

fn main() {}
