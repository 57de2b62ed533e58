use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Does it.
    #[mcp_tool]
    #[allow(unused_variables)]
    fn forecast(&self, #[arg(min_length = "one")] city: String) {}
}

fn main() {}
