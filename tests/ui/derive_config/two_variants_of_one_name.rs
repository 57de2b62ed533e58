use purlin::Config;

#[derive(Config)]
pub enum Carrier {
    Post,
    #[config(name = "post")]
    Mail,
}

fn main() {}
