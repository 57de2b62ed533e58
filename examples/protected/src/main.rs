//! Serves the orders on <http://127.0.0.1:8000/mcp>: `cargo run -p protected`.
//! `--port`, or `PORT`, names another port.

use protected::{Orders, authorization, connect, protection};
use purlin::{Transport, prelude::*};

#[purlin::main]
async fn main() -> Result<()> {
    Orders::new()
        .serve()
        .by_default(Transport::local_http(8000))
        // Tokens are for one URL: that of wherever it is served.
        .protect_at(|origin| Ok(protection(authorization(origin))?))
        .announce(connect::print)
        .await
}
