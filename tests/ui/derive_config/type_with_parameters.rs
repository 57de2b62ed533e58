use purlin::Config;

#[derive(Config)]
pub struct Shop<T> {
    pub count: T,
}

fn main() {}
