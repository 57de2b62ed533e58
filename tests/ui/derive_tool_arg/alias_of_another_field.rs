use purlin::prelude::*;

#[derive(ToolArg)]
struct Trip {
    #[arg(alias("nights"))]
    _days: u8,
    #[arg(name = "nights")]
    _nights: u8,
}

fn main() {}
