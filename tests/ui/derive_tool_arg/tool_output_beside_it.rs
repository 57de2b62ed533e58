use purlin::prelude::*;

#[derive(ToolArg)]
#[derive(ToolOutput)]
struct Room {
    floor: u8,
}

fn main() {}
