use purlin::prelude::*;

struct Engine;

#[derive(ToolArg)]
struct Car {
    name: String,
    engine: Engine,
    spare: Option<Vec<Engine>>,
}

fn main() {}
