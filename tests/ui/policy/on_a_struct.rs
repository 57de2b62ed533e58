use purlin::prelude::*;

#[policy]
struct Office;

fn main() {}
