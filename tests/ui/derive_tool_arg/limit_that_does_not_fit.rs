use purlin::prelude::*;

#[derive(ToolArg)]
struct Room {
    #[arg(range = 0..=300)]
    floor: u8,
    #[arg(min_length = 1)]
    beds: u8,
    #[arg(default = "none")]
    seats: u8,
    #[arg(range = 1..=5, default = 9)]
    stars: u8,
}

fn main() {}
