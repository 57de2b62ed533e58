use purlin::prelude::*;

struct Audit;

#[middleware]
impl Audit {
    fn count(&self) {}
}

fn main() {}
