use purlin::prelude::*;

#[mcp_server]
mod weather {
    use purlin::prelude::*;

    /// All cities.
    #[mcp_resource("weather://cities")]
    pub fn cities() -> String {
        String::new()
    }
}

#[mcp_server]
mod legacy {
    use purlin::prelude::*;

    /// All cities.
    #[mcp_resource("weather://cities")]
    pub fn towns() -> String {
        String::new()
    }
}

#[mcp_server]
struct Platform {
    #[mount]
    weather: weather::Server,
    #[mount]
    legacy: legacy::Server,
}

fn main() {}
