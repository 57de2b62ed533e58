use purlin::prelude::*;

#[mcp_tool]
fn current(
    /// City name.
    #[arg(min_length = 1)]
    city: String,
) -> String {
    city
}

fn main() {}
