use purlin::prelude::*;

#[derive(ToolArg)]
struct Trip(#[arg(alias("days"))] u8, u8);

fn main() {}
