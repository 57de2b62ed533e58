use purlin::prelude::*;

#[derive(ToolArg)]
struct Place {
    region: String,
    #[arg(name = "region")]
    area: String,
}

fn main() {}
