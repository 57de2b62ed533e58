use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(default = String::new())]
    pub count: u32,
}

fn main() {}
