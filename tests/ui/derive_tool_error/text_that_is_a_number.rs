use purlin::prelude::*;

#[derive(Debug, ToolError)]
#[tool_error(404)]
struct NotFound;

fn main() {}
