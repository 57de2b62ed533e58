use purlin::prelude::*;

struct Shop;

macro_rules! order {
    () => {
        /// Does one thing.
        #[mcp_tool]
        fn order(&self) {}
    };
}

#[mcp_server(also(order, order))]
impl Shop {
    order!();
}

fn main() {}
