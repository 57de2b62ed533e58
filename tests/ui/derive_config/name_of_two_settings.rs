use purlin::Config;

#[derive(Config)]
pub struct Shop {
    pub count: u32,
    #[config(name = "count")]
    pub number: u32,
}

fn main() {}
