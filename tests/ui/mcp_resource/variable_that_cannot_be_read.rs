use purlin::prelude::*;

struct Weather;

struct City;

#[mcp_server]
impl Weather {
    #[mcp_resource("weather://{city}")]
    fn city(&self, city: City) -> String {
        drop(city);
        String::new()
    }
}

fn main() {}
