use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_completion(prompt = "brief", argument = "city", scopes("a"))]
    fn complete(&self, typed: &str) -> Vec<String> {
        vec![typed.to_owned()]
    }

    /// Weather.
    #[mcp_prompt]
    fn brief(&self, city: String) -> String {
        city
    }
}

fn main() {}
