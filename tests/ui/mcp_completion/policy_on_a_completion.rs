use purlin::prelude::*;

#[policy]
fn open() -> bool {
    true
}

#[mcp_server]
mod weather {
    use purlin::prelude::*;

    /// Weather.
    #[mcp_prompt]
    fn brief(city: String) -> String {
        city
    }

    #[mcp_completion(prompt = "brief", argument = "city", policy(super::open))]
    fn cities(_typed: &str) -> Vec<String> {
        Vec::new()
    }
}

fn main() {
    let _ = open;
}
