use purlin::prelude::*;

#[mcp_server]
mod weather {}

#[mcp_server]
struct Platform {
    #[mount(prefix = "weather", middleware(1))]
    weather: weather::Server,
}

fn main() {}
