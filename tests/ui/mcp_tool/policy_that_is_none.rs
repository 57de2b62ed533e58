use purlin::prelude::*;

fn at_the_office() -> bool {
    true
}

#[mcp_server]
mod weather {
    use purlin::prelude::*;

    /// Weather.
    #[mcp_tool(policy(super::at_the_office))]
    fn current() -> &'static str {
        "sunny"
    }
}

fn main() {
    at_the_office();
}
