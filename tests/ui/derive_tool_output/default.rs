use purlin::prelude::*;

#[derive(ToolOutput)]
struct Car {
    #[arg(default = 4)]
    doors: u8,
}

fn main() {}
