use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(default = "many")]
    pub count: u32,
}

fn main() {}
