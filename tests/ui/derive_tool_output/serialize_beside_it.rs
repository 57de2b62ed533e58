use purlin::__private::serde;
use purlin::prelude::*;

#[derive(ToolOutput)]
#[derive(serde::Serialize)]
struct Room {
    floor: u8,
}

fn main() {}
