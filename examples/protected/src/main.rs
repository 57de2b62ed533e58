//! Serves the orders on <http://127.0.0.1:8000/mcp>: `cargo run -p protected`.
//! Add that URL to a client, and log in as `carol` (a clerk) or `alice` (an
//! admin); the password is the name. `PORT` names another port.

use std::env;

use protected::{Orders, protection};
use purlin::{Transport, prelude::*};

#[purlin::main]
async fn main() -> Result<()> {
    // Tokens are for one URL, so it is known before the command line is read.
    let port = port()?;
    let origin = format!("http://127.0.0.1:{port}");
    let protection = protection(&origin).map_err(Error::internal)?;
    Orders::new()
        .serve()
        .by_default(Transport::local_http(port))
        .protect(protection)
        .announce(print)
        .await
}

/// The port that `PORT` names; 8000 without.
fn port() -> Result<u16> {
    let Some(named) = env::var_os("PORT") else {
        return Ok(8000);
    };
    let port = named.to_str().and_then(|named| named.parse().ok());
    port.filter(|port| *port != 0).ok_or_else(|| {
        let problem = format!("`PORT` is {named:?}: it takes a number from 1 to 65535");
        Error::internal(problem)
    })
}

#[allow(clippy::print_stdout)]
fn print(url: &str) {
    println!("Orders are at {url}. Log in as `carol` or as `alice`; the password is the name.");
}
