//! The server the official conformance suite is run against.
//!
//! The suite prescribes names, texts and shapes; everything else is left to
//! the library. A fixture that needs more than a user's few lines points at
//! something missing there.
//!
//! `conformance-server --port 8000` serves <http://127.0.0.1:8000/mcp>, all
//! revisions at one address.

mod content;
mod elicitation;
mod polling;
mod progress;
mod prompts;
mod resources;
mod rounds;
mod sampling;
mod schema;

use std::net::SocketAddr;

use purlin::{ErrorKind, prelude::*};

/// Everything the suite asks for, by subject.
#[mcp_server(name = "conformance-server", title = "Conformance fixtures")]
struct Fixtures {
    // The suite calls the first tool of the list without arguments.
    #[mount]
    content: content::fixtures::Server,
    #[mount]
    progress: progress::fixtures::Server,
    #[mount]
    sampling: sampling::fixtures::Server,
    #[mount]
    elicitation: elicitation::fixtures::Server,
    #[mount]
    rounds: rounds::fixtures::Server,
    #[mount]
    polling: polling::fixtures::Server,
    #[mount]
    schema: schema::fixtures::Server,
    #[mount]
    resources: resources::fixtures::Server,
    #[mount]
    prompts: prompts::fixtures::Server,
}

#[purlin::main]
async fn main() -> Result<()> {
    let server = Fixtures {
        content: content::fixtures::Server,
        progress: progress::fixtures::Server,
        sampling: sampling::fixtures::Server,
        elicitation: elicitation::fixtures::Server,
        rounds: rounds::fixtures::Server,
        polling: polling::fixtures::Server,
        schema: schema::fixtures::Server,
        resources: resources::fixtures::Server,
        prompts: prompts::fixtures::Server,
    }
    .into_server();
    server.add_tool(schema::verbatim())?;
    let address = SocketAddr::from(([127, 0, 0, 1], port()?));
    purlin::http::serve(server, address)
        .await
        .map_err(|error| Error::new(ErrorKind::Configuration, error.to_string()))
}

/// The port after `--port`.
fn port() -> Result<u16> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--port");
    arguments
        .nth(1)
        .and_then(|port| port.parse().ok())
        .ok_or_else(|| Error::new(ErrorKind::Configuration, "say which port: --port 8000"))
}
