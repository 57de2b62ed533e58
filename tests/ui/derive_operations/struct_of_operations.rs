use purlin::prelude::*;

#[derive(Operations)]
struct Place {
    item: String,
}

fn main() {}
