use purlin::prelude::*;

struct Shop;

#[mcp_server(parts(orders, billing))]
impl Shop {
    /// Does one thing.
    #[mcp_tool]
    fn stock(&self) {}
}

#[mcp_server(part = orders)]
impl Shop {
    /// Does one thing.
    #[mcp_tool]
    fn list(&self) {}
}

#[mcp_server(part = billing)]
impl Shop {
    /// Does one thing.
    #[mcp_tool(name = "list")]
    fn bills(&self) {}
}

fn main() {}
