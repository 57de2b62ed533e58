use purlin::prelude::*;

#[middleware]
struct Audit;

fn main() {}
