use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_prompt(output = String)]
    fn brief(&self) -> String {
        String::new()
    }
}

fn main() {}
