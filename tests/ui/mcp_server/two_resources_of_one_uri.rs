use purlin::prelude::*;

#[mcp_server]
mod weather {
    use purlin::prelude::*;

    #[mcp_resource("data://cities")]
    pub fn cities() -> String {
        String::new()
    }

    #[mcp_resource("data://cities")]
    pub fn towns() -> String {
        String::new()
    }
}

fn main() {}
