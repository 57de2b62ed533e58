use purlin::prelude::*;

#[derive(ToolError)]
#[tool_error("sold out")]
struct SoldOut;

fn main() {}
