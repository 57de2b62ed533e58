use purlin::prelude::*;

#[derive(ToolArg)]
struct Trip {
    #[arg(pattern = "(?i)paris")]
    _city: String,
}

fn main() {}
