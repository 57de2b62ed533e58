use purlin::prelude::*;

struct Shop;

macro_rules! order {
    () => {
        /// Does one thing.
        #[mcp_tool(name = "stock")]
        fn order(&self) {}
    };
}

#[mcp_server(also(order))]
impl Shop {
    order!();

    /// Does one thing.
    #[mcp_tool]
    fn stock(&self) {}
}

fn main() {}
