use purlin::prelude::*;

#[derive(ToolArg)]
struct Trip {
    #[arg(lenient)]
    _days: u8,
}

fn main() {}
