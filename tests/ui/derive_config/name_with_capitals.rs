use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(name = "Count")]
    pub count: u32,
}

fn main() {}
