use purlin::prelude::*;

struct Shop;

#[mcp_server(allow(all))]
impl Shop {
    /// Does it.
    #[mcp_tool]
    async fn tool(&self) {}
}

fn main() {}
