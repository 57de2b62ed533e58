use purlin::prelude::*;

struct Shop;

#[mcp_server(deny(everything))]
impl Shop {
    /// Does it.
    #[mcp_tool]
    async fn tool(&self) {}
}

fn main() {}
