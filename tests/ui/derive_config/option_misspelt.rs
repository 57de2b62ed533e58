use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(defualt = 1)]
    pub count: u32,
}

fn main() {}
