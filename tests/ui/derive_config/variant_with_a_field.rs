use purlin::Config;

#[derive(Config)]
pub enum Carrier {
    Post,
    Bicycle(u8),
}

fn main() {}
