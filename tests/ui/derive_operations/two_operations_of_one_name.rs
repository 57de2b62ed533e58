use purlin::prelude::*;

#[derive(Operations)]
enum Order {
    PlaceNow,
    #[arg(name = "place_now")]
    Place,
}

fn main() {}
