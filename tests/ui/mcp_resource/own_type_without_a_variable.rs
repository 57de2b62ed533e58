use purlin::prelude::*;

struct Weather;

type Page = u32;

#[mcp_server]
impl Weather {
    #[mcp_resource("weather://{country}")]
    fn cities(&self, country: String, page: Page) -> String {
        format!("{country} {page}")
    }
}

fn main() {}
