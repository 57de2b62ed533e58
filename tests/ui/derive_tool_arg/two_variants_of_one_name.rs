use purlin::prelude::*;

#[derive(ToolArg)]
enum Units {
    #[arg(name = "metric")]
    Celsius,
    #[arg(name = "metric")]
    Kelvin,
}

fn main() {}
