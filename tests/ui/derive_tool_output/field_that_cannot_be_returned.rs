use purlin::prelude::*;

struct Engine;

#[derive(ToolOutput)]
struct Car<'a> {
    name: &'a str,
    engine: Engine,
}

fn main() {}
