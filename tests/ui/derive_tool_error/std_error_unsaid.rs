use purlin::prelude::*;

#[derive(Debug, ToolError)]
#[tool_error("sold out")]
struct SoldOut;

impl std::fmt::Display for SoldOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sold out")
    }
}

impl std::error::Error for SoldOut {}

fn main() {}
