use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// Does it.
    #[mcp_tool]
    fn current(&self, cx: Context) {
        drop(cx);
    }
}

fn main() {}
