use purlin::prelude::*;

struct Shop;

#[mcp_server(deny(stdout_pollution))]
impl Shop {
    /// Does it.
    #[mcp_tool]
    async fn tool(&self) {
        println!("sold");
    }
}

fn main() {}
