//! Serves the orders on <http://127.0.0.1:8000/mcp>: `cargo run -p protected`.
//! Add that URL to a client, and log in as `carol` (a clerk) or `alice` (an
//! admin); the password is the name.

use protected::{Orders, protection};
use purlin::{Transport, prelude::*};

#[purlin::main]
async fn main() -> Result<()> {
    // Tokens are for one URL, so it is said here and not on the command line.
    let (origin, port) = ("http://127.0.0.1:8000", 8000);
    let protection = protection(origin).map_err(Error::internal)?;
    Orders::new()
        .serve()
        .by_default(Transport::local_http(port))
        .protect(protection)
        .announce(print)
        .await
}

#[allow(clippy::print_stdout)]
fn print(url: &str) {
    println!("Orders are at {url}. Log in as `carol` or as `alice`; the password is the name.");
}
