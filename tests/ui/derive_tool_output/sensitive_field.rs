use purlin::prelude::*;

#[derive(ToolOutput)]
struct Account {
    #[arg(sensitive)]
    _pin: String,
}

fn main() {}
