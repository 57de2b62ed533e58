use purlin::prelude::*;

struct Shop;

#[mcp_server]
impl Shop {
    /// Does it.
    #[mcp_tool(allow(stdout_polution))]
    async fn tool(&self) {
        println!("sold");
    }
}

fn main() {}
