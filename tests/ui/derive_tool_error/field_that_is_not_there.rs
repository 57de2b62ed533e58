use purlin::prelude::*;

#[derive(Debug, ToolError)]
enum OrderError {
    #[tool_error("only {lfet} are left")]
    SoldOut { left: u32 },
    #[tool_error("there is no order {1}")]
    NoOrder(u64),
    #[tool_error("{} is broken")]
    Broken(String),
}

fn main() {}
