use purlin::prelude::*;

#[derive(Debug, ToolError)]
#[tool_error("it is broken", "mend it")]
struct Broken;

fn main() {}
