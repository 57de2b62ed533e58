use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(env = "COUNT")]
    pub count: u32,
    #[config(env = "COUNT")]
    pub number: u32,
}

fn main() {}
