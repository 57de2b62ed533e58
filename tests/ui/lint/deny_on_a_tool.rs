use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool(deny(fat_tool))]
    async fn tool(&self) {}
}

fn main() {}
