use purlin::prelude::*;

struct Weather;
type Cx = Context;

#[mcp_server]
impl Weather {
    /// Does it.
    #[mcp_tool]
    fn current(&self, cx: Cx) {
        drop(cx);
    }
}

fn main() {}
