use purlin::prelude::*;

struct Calculator;

macro_rules! double {
    () => {
        /// Does one thing.
        #[mcp_tool]
        fn double(&self, n: i64) -> i64 {
            n * 2
        }
    };
}

#[mcp_server]
impl Calculator {
    double!();
}

fn main() {}
