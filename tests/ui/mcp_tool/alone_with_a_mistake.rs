use purlin::prelude::*;

/// Does one thing.
#[mcp_tool(timeout = "soon")]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

fn main() {
    let _server = Server::builder("calc", "1.0.0").function::<add>();
    assert_eq!(add(1, 2), 3);
}
