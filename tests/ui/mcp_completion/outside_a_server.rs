use purlin::prelude::*;

#[mcp_completion(prompt = "briefing", argument = "city")]
fn complete(typed: &str) -> Vec<String> {
    vec![typed.to_owned()]
}

fn main() {}
