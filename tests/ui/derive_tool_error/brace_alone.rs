use purlin::prelude::*;

#[derive(Debug, ToolError)]
#[tool_error("expected a {")]
struct Syntax;

fn main() {}
