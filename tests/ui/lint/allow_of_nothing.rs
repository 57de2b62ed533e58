use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool(allow)]
    async fn tool(&self) {}
}

fn main() {}
