use purlin::prelude::*;

#[derive(Operations)]
enum Order {
    Place { operation: String },
}

#[derive(Operations)]
#[arg(tag = "kind")]
enum Refund {
    Start { kind: String },
}

fn main() {}
