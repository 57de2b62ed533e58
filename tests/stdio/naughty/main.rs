//! A server whose handlers do everything they should not.
//!
//! The tests of this package run it as a child process and look at what
//! reaches the wire.

mod faults;
mod noise;
mod patience;
mod plain;
mod witness;

use purlin::prelude::*;

/// Behaves badly in every way at once.
#[mcp_server(name = "naughty", version = "1.0.0")]
struct Naughty {
    #[mount]
    plain: plain::Plain,
    #[mount]
    faults: faults::Server,
    #[mount]
    noise: noise::Server,
    #[mount]
    patience: patience::Patience,
}

#[purlin::main]
async fn main() -> Result<()> {
    #[allow(clippy::print_stdout)]
    {
        println!("this line is no message");
    }
    let naughty = Naughty {
        plain: plain::Plain::default(),
        faults: faults::Server,
        noise: noise::Server,
        patience: patience::Patience::default(),
    };
    naughty
        .into_server()
        .page_size(5)
        .lifespan(open_first, close_first)
        .lifespan(open_second, close_second)
        .serve()
        .await
}

struct First;
struct Second;

#[allow(clippy::unused_async)]
async fn open_first() -> Result<First> {
    witness("opened first");
    Ok(First)
}

#[allow(clippy::unused_async)]
async fn open_second() -> Result<Second> {
    witness("opened second");
    Ok(Second)
}

async fn close_first(_: std::sync::Arc<First>) {
    witness("closed first");
}

async fn close_second(_: std::sync::Arc<Second>) {
    witness("closed second");
}

/// Says something where tests can read it.
#[allow(clippy::print_stderr)]
fn witness(text: &str) {
    eprintln!("{text}");
}
