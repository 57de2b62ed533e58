use purlin::prelude::*;

type Count = u8;

struct Weather;

#[mcp_server]
impl Weather {
    /// The forecast.
    #[mcp_tool]
    fn forecast(&self, #[arg(range = 1..=400)] days: Count) {
        let _ = days;
    }
}

fn main() {}
