use purlin::prelude::*;

#[mcp_server]
mod weather {
    use purlin::prelude::*;

    /// Weather.
    #[mcp_tool]
    fn current() {}
}

struct Office;

#[mcp_server]
struct Platform {
    #[mount(prefix = "weather", policy(Office))]
    weather: weather::Server,
}

fn main() {}
