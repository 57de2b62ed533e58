use purlin::prelude::*;

#[mcp_server]
mod weather {
    use purlin::prelude::*;

    /// Does it.
    #[mcp_tool]
    pub fn current() {}
}

#[mcp_server]
mod legacy {
    use purlin::prelude::*;

    /// Does it.
    #[mcp_tool]
    pub fn weather_current() {}
}

#[mcp_server]
struct Platform {
    #[mount(prefix = "")]
    weather: weather::Server,
    #[mount]
    legacy: legacy::Server,
}

fn main() {}
