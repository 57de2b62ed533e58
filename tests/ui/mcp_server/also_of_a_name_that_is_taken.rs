use purlin::prelude::*;

struct Shop;

macro_rules! order {
    () => {
        #[mcp_tool(name = "stock")]
        fn order(&self) {}
    };
}

#[mcp_server(also(order))]
impl Shop {
    order!();

    #[mcp_tool]
    fn stock(&self) {}
}

fn main() {}
