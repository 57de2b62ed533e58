use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    #[mcp_tool(name = "a_name_that_goes_on_and_on_and_on_until_no_client_wants_to_read_it")]
    fn current(&self) {}
}

fn main() {}
