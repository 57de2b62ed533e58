use std::time::Duration;

use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(default = "5 weeks")]
    pub wait: Duration,
}

fn main() {}
