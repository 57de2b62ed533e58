use purlin::__private::serde;
use purlin::prelude::*;

#[derive(ToolArg)]
#[derive(serde::Deserialize)]
struct Room {
    floor: u8,
}

fn main() {}
