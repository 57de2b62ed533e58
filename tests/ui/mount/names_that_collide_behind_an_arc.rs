use purlin::prelude::*;
use std::sync::Arc;

#[mcp_server]
mod weather {
    /// Does one thing.
    #[mcp_tool]
    pub fn current() {}
}

#[mcp_server]
mod legacy {
    /// Does one thing.
    #[mcp_tool]
    pub fn weather_current() {}
}

#[mcp_server]
struct Platform {
    #[mount(prefix = "weather")]
    weather: Arc<weather::Server>,
    #[mount]
    legacy: Arc<Box<legacy::Server>>,
}

fn main() {}
