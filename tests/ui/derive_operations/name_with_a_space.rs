use purlin::prelude::*;

#[derive(Operations)]
enum Order {
    #[arg(name = "place now")]
    Place,
}

fn main() {}
