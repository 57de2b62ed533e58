use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Does one thing.
    #[mcp_tool]
    fn current(&self, #[cfg(unix)] city: String) -> String {
        city
    }
}

fn main() {}
