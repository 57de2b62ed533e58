//! The client the official conformance suite is run against.
//!
//! The suite starts `conformance-client URL` once for each scenario, says in the environment
//! which one and which revision, and watches what arrives at its server. Everything it watches is
//! left to the library: a scenario here says what an application would.

#![expect(clippy::print_stderr, reason = "the suite keeps what a client says")]

mod oauth;
mod scenarios;

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use purlin_client::protocol::{Content, CreateMessageResult, ElicitResult, Implementation, Root};
use purlin_client::{Client, ClientBuilder, Era, Revision};

/// Less than the suite waits, so that a scenario that hangs says so itself.
const PATIENCE: Duration = Duration::from_secs(20);

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let url = env::args().nth(1).ok_or("say which URL to connect to")?;
    let scenario = env::var("MCP_CONFORMANCE_SCENARIO")?;
    let version: Revision = env::var("MCP_CONFORMANCE_PROTOCOL_VERSION")?.parse()?;
    let client = builder(version)
        .connect(oauth::endpoint(&url, &scenario)?)
        .await?;
    scenarios::play(&scenario, &client).await?;
    client.close().await;
    Ok(())
}

/// A client that answers everything it may be asked.
fn builder(version: Revision) -> ClientBuilder {
    let era = if version.is_modern() {
        Era::Stateless
    } else {
        Era::Session
    };
    Client::builder()
        .info(Implementation::new(
            "conformance-client",
            env!("CARGO_PKG_VERSION"),
        ))
        .era(era)
        .timeout(PATIENCE)
        .answer_elicitation(|_| ElicitResult::accept(serde_json::Map::new()))
        .answer_sampling(|_| CreateMessageResult::new("none", Content::text("Paris")))
        .roots([Root::new("file:///workspace")])
}
