use purlin::prelude::*;

#[derive(Debug, ToolError)]
enum Never {}

fn main() {}
