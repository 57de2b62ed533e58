use purlin::Config;

#[derive(Config)]
pub struct Shop(u32);

fn main() {}
