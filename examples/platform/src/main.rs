//! Serves the platform: over HTTP on 127.0.0.1:8000, elsewhere with
//! `--http ADDRESS`, or to one client with `--stdio`.

use platform::{Platform, connect};
use purlin::{Transport, prelude::*};

#[purlin::main]
async fn main() -> Result<()> {
    Platform::from_env()
        .serve()
        .by_default(Transport::local_http(8000))
        .announce(connect::print)
        .await
}
