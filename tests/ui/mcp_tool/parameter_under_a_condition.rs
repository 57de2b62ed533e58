use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool]
    fn current(&self, #[cfg(unix)] city: String) -> String {
        city
    }
}

fn main() {}
