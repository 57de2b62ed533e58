//! `examples/protected` as its operator runs it later on, and our client logging in there.
//!
//! `interop-login serve ADDRESS DIRECTORY SECONDS` serves the example, its state in a directory
//! and its clock so many seconds ahead, so that tokens outlive a restart and expire at will.
//!
//! `interop-login themed ADDRESS` serves it with pages in other colours.
//!
//! `interop-login environment` serves its tools with nothing but what the environment says, and
//! `interop-login known {first|restarted} URL DIRECTORY` logs in there with our client.
//!
//! `interop-login client {first|restarted|later} URL DIRECTORY` logs in with our client, or comes
//! back with what it kept. Each check prints `ok NAME` or `not ok NAME: REASON`, under a line
//! `group NAME`.

#![expect(clippy::print_stdout, reason = "the verdicts are read from there")]

mod checks;
mod document;
mod server;
mod user;

use std::env;

use protected::Orders;
use purlin::prelude::*;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a check says.
type Verdict = Result<(), Failure>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["serve", address, directory, seconds] => {
            server::serve(address, directory, seconds.parse()?).await
        }
        ["themed", address] => server::themed(address).await,
        ["environment"] => Ok(Orders::new().serve().await?),
        ["known", phase, url, directory] => checks::known(phase, url, directory).await,
        ["client", phase, url, directory] => checks::run(phase, url, directory).await,
        _ => Err("say `serve ADDRESS DIRECTORY SECONDS`, `themed ADDRESS`, `environment` or `client|known PHASE URL DIRECTORY`".into()),
    }
}
