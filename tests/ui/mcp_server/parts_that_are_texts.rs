use purlin::prelude::*;

struct Shop;

#[mcp_server(parts("orders"))]
impl Shop {
    #[mcp_tool]
    fn stock(&self) {}
}

fn main() {}
