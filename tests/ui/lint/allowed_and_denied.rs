use purlin::prelude::*;

struct Shop;

#[mcp_server(allow(fat_tool), deny(god_server, fat_tool))]
impl Shop {
    /// Does it.
    #[mcp_tool]
    async fn tool(&self) {}
}

fn main() {}
