use purlin::Config;

#[derive(Config)]
pub enum Carrier {}

fn main() {}
