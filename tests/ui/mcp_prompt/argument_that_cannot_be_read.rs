use purlin::prelude::*;

struct Weather;

struct City;

#[mcp_server]
impl Weather {
    #[mcp_prompt]
    fn briefing(&self, city: City) -> String {
        drop(city);
        String::new()
    }
}

fn main() {}
