use purlin::prelude::*;

struct Weather;

#[mcp_server]
impl Weather {
    /// The forecast.
    #[mcp_tool]
    fn forecast(&self, cx: &mut Context) {
        let _ = cx;
    }
}

fn main() {}
