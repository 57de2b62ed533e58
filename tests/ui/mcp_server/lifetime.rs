use purlin::prelude::*;

struct Weather<'a>(&'a str);

#[mcp_server]
impl<'a> Weather<'a> {
    #[mcp_tool]
    fn current(&self) -> String {
        self.0.to_owned()
    }
}

fn main() {}
