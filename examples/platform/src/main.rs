//! Serves the platform: over HTTP on 127.0.0.1:8000, elsewhere with
//! `--http ADDRESS`, or to one client with `--stdio`. `platform config explain`
//! prints all that can be set.

use platform::{Platform, Settings, connect};
use purlin::{Transport, config::Config as _, prelude::*};

/// Gives the memory of a rush back to the system, as the allocator of glibc does
/// not (`docs/resilience.md`).
#[cfg(all(feature = "jemalloc", not(target_env = "msvc")))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

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
