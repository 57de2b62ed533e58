use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(default = 1)]
    pub count: Option<u32>,
}

fn main() {}
