//! A remote server as one of this process: mounted, wrapped in middleware, served to others.
//!
//! What the remote server offers becomes components made at run time; each passes its requests on
//! through one client. The two sides need not speak the same revision, as neither of them is seen
//! here: what a handler may do (report, log, ask) is what the remote server does through it, and
//! a question reaches the client whose request it is about. A request that is dropped on this side
//! is cancelled on the other.
//!
//! The catalogue is fetched once and kept; while the proxy is served it follows the changes that
//! the remote server announces, and it is fetched again after the connection was lost. Single
//! resources are subscribed to there while a client subscribes to them here.
//!
//! A question of a remote server of the session era, asked on behalf of a client of the stateless
//! era, ends the request and begins it again with the answer at hand, as it does for every handler.
//! What the remote tool did before it asked, it does again.

mod catalogue;
mod forward;
mod turns;
mod watched;

use std::sync::Arc;

use purlin_core::Server;
use purlin_core::protocol::Implementation;
use tokio::task::AbortHandle;

use self::catalogue::Catalogue;
pub(crate) use self::turns::{Caller, Turns};
use self::watched::Watched;
use crate::Result;
use crate::client::Client;

/// Turns the server that a client is connected to into a [`Server`] of this process.
///
/// Build the client with [`ClientBuilder::relay_questions`](crate::ClientBuilder::relay_questions)
/// if the remote server is to ask users, models and roots; what a client behind the proxy does not
/// offer is refused to it.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_client::{Client, proxy};
/// use purlin_core::Server;
///
/// let client = Client::builder().relay_questions().connect("http://127.0.0.1:8000/mcp").await?;
/// let platform = Server::builder("platform", "1.0.0").with("weather", proxy(client).await?);
/// # Ok(()) }
/// ```
///
/// # Errors
/// When the catalogue cannot be fetched.
pub async fn proxy(client: Client) -> Result<Server> {
    let server = introduced(&client);
    let mut catalogue = Catalogue::new(Watched::new(&client, server.downgrade()));
    catalogue.refresh(&client, &server).await?;
    let (known, weak) = (
        Arc::new(tokio::sync::Mutex::new(catalogue)),
        server.downgrade(),
    );
    Ok(server.lifespan(
        move || {
            let following = catalogue::follow(client.clone(), weak.clone(), Arc::clone(&known));
            async { Ok::<_, purlin_core::Error>(Following(tokio::spawn(following).abort_handle())) }
        },
        |following: Arc<Following>| async move { following.0.abort() },
    ))
}

/// The work that keeps the catalogue up to date, while the proxy is served.
struct Following(AbortHandle);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An empty server that introduces itself as the remote one does.
fn introduced(client: &Client) -> Server {
    let unnamed = || Implementation::new("proxy", env!("CARGO_PKG_VERSION"));
    let info = client.server_info().unwrap_or_else(unnamed);
    let mut server = Server::builder(info.name, info.version)
        .declare_all()
        .local_changes();
    if let Some(title) = info.title {
        server = server.title(title);
    }
    if let Some(instructions) = client.instructions() {
        server = server.instructions(instructions);
    }
    server
}
