use purlin::prelude::*;

#[derive(ToolArg)]
struct Place {
    #[arg(header = "Region")]
    region: String,
}

fn main() {}
