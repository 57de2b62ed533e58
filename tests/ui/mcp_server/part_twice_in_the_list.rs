use purlin::prelude::*;

struct Shop;

#[mcp_server(parts(orders, orders))]
impl Shop {
    /// Does one thing.
    #[mcp_tool]
    fn stock(&self) {}
}

#[mcp_server(part = orders)]
impl Shop {
    /// Does one thing.
    #[mcp_tool]
    fn order(&self) {}
}

fn main() {}
