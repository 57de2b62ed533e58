use purlin::prelude::*;

type Count = u8;

struct Weather;

#[mcp_server]
impl Weather {
    /// The forecast.
    #[mcp_tool]
    fn forecast(&self, #[arg(min_length = 1)] days: Count) {
        let _ = days;
    }
}

fn main() {}
