use std::time::Duration;

use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(range = 1..=5)]
    pub wait: Duration,
}

fn main() {}
