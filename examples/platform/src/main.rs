//! Serves the platform: over HTTP on 127.0.0.1:8000, elsewhere with
//! `--http ADDRESS`, or to one client with `--stdio`. `platform config explain`
//! prints all that can be set.

use mimalloc::MiMalloc;
use platform::{Platform, Settings, connect};
use purlin::{Transport, config::Config as _, prelude::*};

/// Gives more of the memory of a rush back to the system than the allocator of
/// glibc (`docs/resilience.md`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[purlin::main]
async fn main() -> Result<()> {
    let settings = Settings::load()?;
    Platform::open(&settings)
        .await?
        .serve()
        .config(&settings)
        .by_default(Transport::local_http(8000))
        .announce(connect::print)
        .await
}
