use purlin::prelude::*;

#[derive(ToolArg, ToolOutput)]
struct Room {
    floor: u8,
}

fn main() {}
