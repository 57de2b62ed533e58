use purlin::prelude::*;

#[derive(Debug, ToolError)]
#[tool_error("sold out")]
enum OrderError {
    #[tool_error("sold out", recover("Wait."))]
    SoldOut,
}

fn main() {}
