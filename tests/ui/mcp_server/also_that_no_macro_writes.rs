use purlin::prelude::*;

struct Shop;

#[mcp_server(also(order))]
impl Shop {
    #[mcp_tool]
    fn stock(&self) {}
}

fn main() {}
