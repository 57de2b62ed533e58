use purlin::{Config, config::Loader};

#[derive(Config)]
pub enum Carrier {
    Post,
}

fn main() {
    let _ = Loader::new().load::<Carrier>();
}
