use purlin::prelude::*;

struct Shop;

#[mcp_server(deny(all), allow(missing_description))]
impl Shop {
    #[mcp_tool]
    async fn tool(&self) {
        println!("sold");
    }
}

fn main() {}
