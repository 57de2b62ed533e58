use purlin::prelude::*;

#[derive(ToolArg)]
union Word {
    signed: i32,
    unsigned: u32,
}

fn main() {}
