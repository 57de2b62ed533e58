use purlin::prelude::*;

#[derive(Operations)]
#[arg(tga = "action")]
enum Order {
    #[arg(title = "Place it")]
    Place {
        #[arg(min_lenght = 1)]
        item: String,
    },
}

fn main() {}
