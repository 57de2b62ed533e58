use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Clone for Weather {
    fn clone(&self) -> Self {
        Self
    }
}

fn main() {}
