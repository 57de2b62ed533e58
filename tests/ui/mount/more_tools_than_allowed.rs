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

#[mcp_server(max_tools = 1)]
struct Platform {
    #[mount]
    weather: weather::Server,
    #[mount]
    legacy: legacy::Server,
}

fn main() {}
