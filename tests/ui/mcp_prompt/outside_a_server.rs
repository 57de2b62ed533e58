use purlin::prelude::*;

#[mcp_prompt]
fn briefing() -> String {
    String::new()
}

fn main() {}
