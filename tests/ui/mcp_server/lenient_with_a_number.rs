use purlin::prelude::*;

struct Weather;

#[mcp_server(lenient = 1)]
impl Weather {
    #[mcp_tool]
    fn forecast(&self, _days: u8) {}
}

fn main() {}
