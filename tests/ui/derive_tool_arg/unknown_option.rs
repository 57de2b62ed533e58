use purlin::prelude::*;

#[derive(ToolArg)]
#[arg(rename_al = "camelCase")]
enum Means {
    #[arg(nam = "train")]
    NightTrain,
    Car {
        #[arg(range = 1..=5, defalt = 4)]
        doors: u8,
    },
}

fn main() {}
