use purlin::prelude::*;

#[derive(ToolArg)]
struct Point(#[arg(name = "x")] i64, #[arg(default = 0)] i64);

fn main() {}
