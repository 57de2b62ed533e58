use purlin::Config;

#[derive(Config)]
pub union Shop {
    pub count: u32,
}

fn main() {}
