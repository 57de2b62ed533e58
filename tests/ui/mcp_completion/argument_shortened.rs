use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Brief me.
    #[mcp_prompt]
    fn briefing(&self, city: String) -> String {
        city
    }

    #[mcp_completion(prompt = "briefing", arg = "city")]
    fn cities(&self, typed: &str) -> Vec<String> {
        vec![typed.to_owned()]
    }
}

fn main() {}
