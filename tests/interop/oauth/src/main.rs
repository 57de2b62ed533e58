//! The client, and the logins of a server, at an identity provider that nobody here wrote.
//!
//! `interop-oauth ISSUER` serves an MCP endpoint that lets in who has a token signed by that
//! issuer, and tries every way to such a token. Each way prints `ok NAME`, or `not ok NAME:
//! REASON`.

#![expect(clippy::print_stdout, reason = "the verdicts are read from there")]

mod protected;
mod signature;
mod upstream;

use std::env;
use std::future::Future;
use std::io;
use std::sync::Arc;

use purlin_auth::client::store::{MemoryStore, TokenStore};
use purlin_auth::client::user_agent::{Loopback, Unattended};
use purlin_auth::client::{ClientCredentials, OAuth, OAuthBuilder, Registered, Workload};
use purlin_client::Client;
use purlin_client::http::HttpEndpoint;

use crate::protected::Protected;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A statement about this workload, signed by nobody: the provider does not look.
const VOUCHED: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyZXBvcnRlciJ9.";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let issuer = env::args().nth(1).ok_or("say which issuer to trust")?;
    let server = Protected::start(&issuer).await?;
    check("a user logs in", log_in(&server)).await;
    check(
        "a refused token is refreshed without the user",
        refresh(&server),
    )
    .await;
    let machine = ClientCredentials::new(Registered::new("nightly"));
    check(
        "a machine asks for itself",
        call(&server, OAuth::machine(machine)),
    )
    .await;
    let workload = Workload::new("reporter", VOUCHED);
    check(
        "a workload is vouched for",
        call(&server, OAuth::machine(workload)),
    )
    .await;
    check("a server's users log in", upstream::log_in(&issuer)).await;
    check(
        "a code of another login is refused",
        upstream::refuse(&issuer),
    )
    .await;
    Ok(())
}

async fn check(name: &str, outcome: impl Future<Output = Result<(), Failure>>) {
    match outcome.await {
        Ok(()) => println!("ok {name}"),
        Err(failure) => println!("not ok {name}: {failure}"),
    }
}

fn login() -> OAuthBuilder {
    OAuth::login().client(Registered::new("interop"))
}

async fn log_in(server: &Protected) -> Result<(), Failure> {
    let agent = Unattended::new("http://localhost:3000/callback");
    call(server, login().user_agent(agent)).await
}

async fn refresh(server: &Protected) -> Result<(), Failure> {
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::default());
    let agent = Unattended::new("http://localhost:3000/callback");
    call(
        server,
        login().user_agent(agent).shared_store(Arc::clone(&store)),
    )
    .await?;
    server.refuse_once();
    let nobody = Loopback::shown_by(|_| Err(io::Error::other("the user is away")));
    call(server, login().user_agent(nobody).shared_store(store)).await
}

/// Connects and calls a tool.
async fn call(server: &Protected, oauth: OAuthBuilder) -> Result<(), Failure> {
    let endpoint = HttpEndpoint::new(server.url())?.authorize(oauth.build());
    let client = Client::connect(endpoint).await?;
    let said: String = client.call("greet", ()).await?;
    match said.as_str() {
        "hello" => Ok(()),
        _ => Err(format!("the tool said `{said}`").into()),
    }
}
