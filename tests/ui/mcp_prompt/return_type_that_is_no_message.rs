use purlin::prelude::*;

struct Weather;

struct Briefing;

#[mcp_server]
impl Weather {
    #[mcp_prompt]
    fn briefing(&self) -> Briefing {
        Briefing
    }
}

fn main() {}
