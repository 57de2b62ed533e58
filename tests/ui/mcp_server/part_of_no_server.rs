use purlin::prelude::*;

struct Shop;

#[mcp_server(part = orders)]
impl Shop {
    #[mcp_tool]
    fn order(&self) {}
}

fn main() {}
