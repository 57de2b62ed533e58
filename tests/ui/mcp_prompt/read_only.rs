use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_prompt(read_only)]
    fn briefing(&self) -> String {
        String::new()
    }
}

fn main() {}
