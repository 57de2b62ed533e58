use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(env = "POOL SIZE")]
    pub count: u32,
}

fn main() {}
