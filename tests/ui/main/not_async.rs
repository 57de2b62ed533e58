#[purlin::main]
fn main() {}
