use purlin::prelude::*;

#[derive(Operations)]
enum Order {
    Place { item: String },
    Cancel { item: u32 },
    Show { item: Option<String> },
}

fn main() {}
