use purlin::prelude::*;

struct Shop;

#[mcp_server(parts(billing))]
impl Shop {
    /// Does one thing.
    #[mcp_tool]
    fn stock(&self) {}
}

#[mcp_server(part = billing)]
impl Shop {
    /// Does one thing.
    #[mcp_tool]
    fn pay(&self) {}
}

#[mcp_server(part = orders)]
impl Shop {
    /// Does one thing.
    #[mcp_tool]
    fn order(&self) {}
}

fn main() {}
