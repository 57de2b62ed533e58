use purlin::prelude::*;

struct Weather;

#[mcp_server(setup = Self::finish)]
impl Weather {
    fn finish(&self) {}
}

fn main() {}
