use purlin::prelude::*;

struct Weather;

struct Broken;

#[mcp_server]
impl Weather {
    /// Does it.
    #[mcp_tool]
    fn current(&self) -> Result<String, Broken> {
        Err(Broken)
    }
}

fn main() {}
