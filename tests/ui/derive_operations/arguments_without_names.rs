use purlin::prelude::*;

#[derive(Operations)]
enum Order {
    Place(String, u8),
    Cancel(u32),
    Show,
}

fn main() {}
