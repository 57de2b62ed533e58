use purlin::prelude::*;

#[derive(ToolArg)]
enum Never {}

fn main() {}
