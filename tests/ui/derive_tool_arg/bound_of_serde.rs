use purlin::prelude::*;

#[derive(ToolArg)]
#[serde(bound = "T: Clone")]
struct Page<T> {
    items: Vec<T>,
}

fn main() {}
