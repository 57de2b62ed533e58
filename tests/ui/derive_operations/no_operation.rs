use purlin::prelude::*;

#[derive(Operations)]
enum Order {}

fn main() {}
