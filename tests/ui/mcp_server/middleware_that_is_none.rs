use purlin::prelude::*;

struct Shop;

#[mcp_server(middleware(Shop))]
impl Shop {
    #[mcp_tool]
    fn stock(&self) {}
}

fn main() {}
