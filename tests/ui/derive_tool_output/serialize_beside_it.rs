use purlin::prelude::*;
// Stands in for serde's, which this crate does not depend on.
use purlin::ToolOutput as Serialize;

#[derive(ToolOutput)]
#[derive(Serialize)]
struct Room {
    floor: u8,
}

fn main() {}
