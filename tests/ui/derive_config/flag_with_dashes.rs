use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(flag = "--count")]
    pub count: u32,
}

fn main() {}
