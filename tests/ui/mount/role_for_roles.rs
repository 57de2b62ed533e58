use purlin::prelude::*;

#[mcp_server]
mod weather {
    use purlin::prelude::*;

    /// Weather.
    #[mcp_tool]
    fn current() {}
}

#[mcp_server]
struct Platform {
    #[mount(prefix = "weather", role("admin"))]
    weather: weather::Server,
}

fn main() {}
