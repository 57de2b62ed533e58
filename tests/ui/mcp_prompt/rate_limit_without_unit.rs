use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Weather.
    #[mcp_prompt(rate_limit = "often")]
    fn brief(&self) -> String {
        String::new()
    }
}

fn main() {}
