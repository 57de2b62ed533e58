//! The client at servers that nobody here wrote.
//!
//! `interop-client SERVER ERA {http URL|stdio COMMAND [ARGUMENT...]}` connects to one of the
//! servers that [`expected`] knows and uses everything it has. ERA is `auto`, `stateless`,
//! `session` or a revision. Each check prints `ok NAME`, or
//! `not ok NAME: REASON`.

#![expect(clippy::print_stdout, reason = "the verdicts are read from there")]

mod checks;
mod expected;
mod questions;
mod running;

use std::env;
use std::future::Future;

use purlin_client::{Client, ClientError, Era, ErrorKind, Revision};

use crate::expected::Expected;
use crate::running::Running;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a check says.
type Verdict = Result<(), Failure>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [server, era, transport, target @ ..] = &words[..] else {
        return Err("say which server, era, transport and target".into());
    };
    let expected = Expected::of(server).ok_or("no such server")?;
    let running = Running::find(transport, target)?;
    let connected = running.connect(era_named(era)?).await;
    if expected.speaks(era) {
        let client = connected?;
        Box::pin(checks::run(&client, &expected, era)).await;
        check("the server ends in good order", running.end(&client)).await;
    } else {
        check("the era is refused", refused(connected)).await;
    }
    Ok(())
}

async fn check(name: &str, verdict: impl Future<Output = Verdict>) {
    match verdict.await {
        Ok(()) => println!("ok {name}"),
        Err(failure) => println!("not ok {name}: {}", failure.to_string().replace('\n', " ")),
    }
}

fn expect(condition: bool, found: impl std::fmt::Debug) -> Verdict {
    if condition {
        return Ok(());
    }
    Err(format!("found {found:?}").into())
}

fn era_named(name: &str) -> Result<Era, Failure> {
    match name {
        "auto" => Ok(Era::Auto),
        "stateless" => Ok(Era::Stateless),
        "session" => Ok(Era::Session),
        pinned => match pinned.parse::<Revision>() {
            Ok(revision) => Ok(revision.into()),
            Err(_) => Err(format!("there is no era `{name}`").into()),
        },
    }
}

async fn refused(connected: Result<Client, ClientError>) -> Verdict {
    match connected {
        Ok(client) => expect(false, client),
        Err(error) => expect(error.kind() == ErrorKind::Unsupported, error),
    }
}
