use purlin::prelude::*;

struct Shop<T>(T);

#[mcp_server(parts(orders))]
impl<T: Send + Sync + 'static> Shop<T> {
    /// Does one thing.
    #[mcp_tool]
    fn stock(&self) {}
}

fn main() {}
