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
    #[mount(prefix = "a_prefix_that_leaves_no_room_for_the_name_of_any_tool_at_all")]
    weather: weather::Server,
    #[mount]
    legacy: legacy::Server,
}

fn main() {}
