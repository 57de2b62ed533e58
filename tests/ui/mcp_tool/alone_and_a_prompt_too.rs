use purlin::prelude::*;

/// Does one thing.
#[mcp_tool]
/// Does one thing.
#[mcp_prompt]
fn add(a: i64, b: i64) -> String {
    (a + b).to_string()
}

fn main() {}
