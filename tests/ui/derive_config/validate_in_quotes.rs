use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(validate = "check")]
    pub count: u32,
}

fn main() {}
