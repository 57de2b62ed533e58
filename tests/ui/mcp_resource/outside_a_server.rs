use purlin::prelude::*;

#[mcp_resource("data://stats")]
fn stats() -> String {
    String::new()
}

fn main() {}
