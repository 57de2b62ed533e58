use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(flag = "http")]
    pub count: u32,
}

fn main() {}
