use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(default = 300, range = 1..=200)]
    pub count: u32,
}

fn main() {}
