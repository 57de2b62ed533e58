use purlin::prelude::*;

#[derive(Debug, ToolError)]
#[tool_error("sold out", code = "sold out")]
struct SoldOut;

fn main() {}
