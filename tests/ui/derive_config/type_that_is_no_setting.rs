use std::time::Instant;

use purlin::Config;

#[derive(Config)]
pub struct Shop {
    pub started: Instant,
}

fn main() {}
