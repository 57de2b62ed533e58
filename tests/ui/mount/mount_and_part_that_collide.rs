use purlin::prelude::*;

#[mcp_server]
mod legacy {
    use purlin::prelude::*;

    /// Does it.
    #[mcp_tool]
    pub fn weather_current() {}
}

#[mcp_server]
struct Platform {
    #[mount]
    legacy: legacy::Server,
}

#[mcp_server(part)]
impl Platform {
    /// Does it.
    #[mcp_tool]
    fn weather_current(&self) {}
}

fn main() {}
