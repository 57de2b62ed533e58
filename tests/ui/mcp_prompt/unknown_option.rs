use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_prompt(titel = "Brief me")]
    fn briefing(&self) -> String {
        String::new()
    }
}

fn main() {}
