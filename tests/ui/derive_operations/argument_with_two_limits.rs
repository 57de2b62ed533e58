use purlin::prelude::*;

#[derive(Operations)]
enum Order {
    Place {
        #[arg(min = 1)]
        count: u32,
    },
    Return {
        #[arg(min = 1, max = 9)]
        count: u32,
    },
}

fn main() {}
