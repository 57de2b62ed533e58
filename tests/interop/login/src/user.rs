//! The user at a browser, and what the client of the user keeps.

#[path = "../../../../examples/protected/tests/protected/browser.rs"]
#[allow(
    clippy::unwrap_used,
    dead_code,
    reason = "made for tests, which end where they cannot go on"
)]
mod browser;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use purlin::auth::client::OAuth;
use purlin::auth::client::store::{FileStore, SealingKey};
use purlin::auth::client::user_agent::Loopback;
use purlin::client::http::HttpEndpoint;
use purlin::client::{Client, ClientError, Era};

pub(crate) use browser::Browser;

use crate::{Failure, document};

/// Somebody with our client, which starts anew with each connection.
pub(crate) struct User {
    pub(crate) name: &'static str,
    pub(crate) era: Era,
    pub(crate) url: String,
    /// Where tokens are kept; nowhere without.
    pub(crate) kept: Option<PathBuf>,
    /// Whether the client is known by its document and does not register.
    pub(crate) has_document: bool,
}

impl User {
    /// The client of a user who is at the browser.
    pub(crate) async fn log_in(&self, browser: &Arc<Browser>) -> Result<Client, Failure> {
        let browser = Arc::clone(browser);
        let agent = Loopback::shown_by(move |page| {
            let (browser, url) = (Arc::clone(&browser), page.url().to_owned());
            tokio::spawn(async move { browser.visit(url).await });
            Ok(())
        });
        Ok(self.connect(agent).await??)
    }

    /// The client of a user who is away: whatever would ask fails.
    pub(crate) async fn come_back(&self) -> Result<Client, Failure> {
        let agent = Loopback::shown_by(|_| Err(io::Error::other("the user is away")));
        Ok(self.connect(agent).await??)
    }

    async fn connect(&self, agent: Loopback) -> Result<Result<Client, ClientError>, Failure> {
        let mut oauth = OAuth::login().name("Order Desk").user_agent(agent);
        if let Some(directory) = &self.kept {
            let key = SealingKey::from_file(directory.join("key"))?;
            let file = format!("{}-{:?}", self.name, self.era);
            oauth = oauth.store(FileStore::new(directory.join(file), key));
        }
        if self.has_document {
            oauth = oauth.client_metadata_url(document::URL);
        }
        let endpoint = HttpEndpoint::new(&self.url)?.authorize(oauth.build());
        Ok(Client::builder().era(self.era).connect(endpoint).await)
    }
}
