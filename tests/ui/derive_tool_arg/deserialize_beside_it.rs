use purlin::prelude::*;
// Stands in for serde's, which this crate does not depend on.
use purlin::ToolArg as Deserialize;

#[derive(ToolArg)]
#[derive(Deserialize)]
struct Room {
    floor: u8,
}

fn main() {}
