use purlin::prelude::*;

#[derive(ToolArg)]
#[arg(rename_all = "snakecase")]
struct Car {
    top_speed: u8,
}

#[derive(ToolArg)]
#[arg(rename_all = "spoken")]
struct Bus {
    top_speed: u8,
}

fn main() {}
