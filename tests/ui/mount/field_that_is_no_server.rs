use purlin::prelude::*;

#[mcp_server]
struct Platform {
    #[mount(prefix = "weather")]
    weather: String,
}

fn main() {}
