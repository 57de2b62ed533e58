use purlin::prelude::*;

#[derive(ToolArg)]
struct Car {
    #[arg(min_lenght = 1)]
    name: String,
}

#[derive(ToolArg)]
struct Garage {
    cars: Vec<Car>,
}

#[mcp_server]
mod garage {
    use super::*;

    /// Parks it.
    #[mcp_tool]
    fn park(into: Garage) -> Car {
        into.cars.into_iter().next().unwrap()
    }
}

fn main() {}
