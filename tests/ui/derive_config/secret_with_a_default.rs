use purlin::Config;

#[derive(Config)]
pub struct Shop {
    #[config(secret, default = "hunter2")]
    pub password: String,
}

fn main() {}
