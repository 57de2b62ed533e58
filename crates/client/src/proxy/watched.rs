//! Subscriptions to single resources, passed on to the remote server.
//!
//! However many clients of the proxy watch a resource, the remote server is subscribed to once.
//! A subscription that breaks off is made again; what was missed meanwhile counts as a change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use purlin_core::{Error, ErrorKind, Result, WeakServer};
use tokio::sync::OnceCell;
use tokio::task::AbortHandle;

use super::catalogue::LONGEST_WAIT;
use super::forward::{named, refusal};
use crate::changes::{Changes, Subscription};
use crate::client::Client;

/// What is watched at the remote server, by URI. As many as clients of the proxy subscribe to.
pub(super) struct Watched {
    client: Client,
    server: WeakServer,
    open: Mutex<HashMap<String, Weak<Watch>>>,
}

impl Watched {
    pub(super) fn new(client: &Client, server: WeakServer) -> Arc<Self> {
        Arc::new(Self {
            client: client.clone(),
            server,
            open: Mutex::default(),
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Weak<Watch>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a resource until the last guard for it is dropped.
    ///
    /// # Errors
    /// When the remote server does not tell its changes.
    pub(super) async fn watch(self: &Arc<Self>, uri: &str) -> Result<Arc<Watch>> {
        let watch = self.entry(uri);
        watch
            .following
            .get_or_try_init(|| async {
                let changes = listen(&self.client, uri).await?;
                let following = follow(
                    self.client.clone(),
                    self.server.clone(),
                    uri.to_owned(),
                    changes,
                );
                Ok::<_, Error>(tokio::spawn(following).abort_handle())
            })
            .await?;
        Ok(watch)
    }

    fn entry(self: &Arc<Self>, uri: &str) -> Arc<Watch> {
        let mut open = self.open();
        if let Some(watch) = open.get(uri).and_then(Weak::upgrade) {
            return watch;
        }
        let watch = Arc::new(Watch {
            home: Arc::clone(self),
            uri: uri.to_owned(),
            following: OnceCell::new(),
        });
        open.insert(uri.to_owned(), Arc::downgrade(&watch));
        watch
    }
}

/// One resource that is watched.
pub(super) struct Watch {
    home: Arc<Watched>,
    uri: String,
    following: OnceCell<AbortHandle>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(following) = self.following.get() {
            following.abort();
        }
        let mut open = self.home.open();
        // Another may have been opened meanwhile.
        if open
            .get(&self.uri)
            .is_some_and(|watch| watch.strong_count() == 0)
        {
            open.remove(&self.uri);
        }
    }
}

async fn listen(client: &Client, uri: &str) -> Result<Changes> {
    let changes = client.listen(Subscription::new().resource(uri)).await;
    let changes = changes.map_err(|failure| refusal(client, failure))?;
    let mut served = changes.served().resource_subscriptions.iter();
    if served.any(|served| served == uri) {
        return Ok(changes);
    }
    let message = format!("{} does not tell when `{uri}` changes", named(client));
    Err(Error::new(ErrorKind::Remote, message))
}

/// Passes changes on until it is aborted, or this server is gone.
async fn follow(client: Client, server: WeakServer, uri: String, mut changes: Changes) {
    let mut wait = Duration::from_secs(1);
    loop {
        // A part of it that changes changes it too.
        while let Some(Ok(_)) = changes.next().await {
            let Some(here) = server.upgrade() else {
                return;
            };
            here.notify_resource_updated(&uri);
            wait = Duration::from_secs(1);
        }
        changes = loop {
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
            match listen(&client, &uri).await {
                Ok(changes) => break changes,
                Err(error) => tracing::debug!(uri, %error, "a resource is not watched any more"),
            }
        };
        if let Some(here) = server.upgrade() {
            here.notify_resource_updated(&uri);
        }
    }
}
