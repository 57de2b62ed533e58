use purlin::prelude::*;

#[mcp_server]
mod weather {
    use purlin::prelude::*;

    #[mcp_tool]
    #[mcp_prompt]
    pub fn current() -> String {
        String::new()
    }
}

fn main() {}
