use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(flag = "count")]
    pub count: u32,
    #[config(flag = "count")]
    pub number: u32,
}

fn main() {}
