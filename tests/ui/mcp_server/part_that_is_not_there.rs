use purlin::prelude::*;

struct Shop;

#[mcp_server(parts(orders))]
impl Shop {
    /// Does one thing.
    #[mcp_tool]
    fn stock(&self) {}
}

fn main() {}
