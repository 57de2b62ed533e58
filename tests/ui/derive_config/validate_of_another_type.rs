use purlin::Config;

fn check(_: &String) -> Result<(), String> {
    Ok(())
}

#[derive(Config)]
pub struct Shop {
    #[config(validate = check)]
    pub count: u32,
}

fn main() {}
