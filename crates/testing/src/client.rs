//! The client as a test sees it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use purlin_client::protocol::{GetPromptResult, LogMessageParams, ProgressParams};
use purlin_client::{Change, Client, Result};
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::frame::Frame;
use crate::record::Record;

/// How long a change may take to be announced.
const PATIENCE: Duration = Duration::from_secs(10);

/// A [`Client`] that remembers what it has seen. Everything a client can do is there by `Deref`.
///
/// When it is dropped, it fails the test if a check of its frames found something wrong.
pub struct TestClient {
    client: Client,
    record: Arc<Record>,
}

impl TestClient {
    pub(crate) fn new(client: Client, record: Arc<Record>) -> Self {
        Self { client, record }
    }

    /// Reads a resource and gives its text; for several parts, one after the other.
    ///
    /// # Errors
    /// As any request.
    ///
    /// # Panics
    /// When a part is binary.
    pub async fn read(&self, uri: &str) -> Result<String> {
        let result = self.client.read_resource(uri).await?;
        let text = |contents: &purlin_client::protocol::ResourceContents| match contents.as_text() {
            Some(text) => text.to_owned(),
            None => panic!("`{}` is binary", contents.uri),
        };
        Ok(result.contents.iter().map(text).collect())
    }

    /// Gets a prompt.
    ///
    /// # Errors
    /// As any request.
    pub async fn prompt(&self, name: &str, arguments: impl Serialize) -> Result<GetPromptResult> {
        self.client.get_prompt(name, arguments).await
    }

    /// The log messages so far, in order.
    pub fn logs(&self) -> Vec<LogMessageParams> {
        self.record.seen().logs.clone()
    }

    /// The progress notifications so far, in order.
    pub fn progress(&self) -> Vec<ProgressParams> {
        self.record.seen().progress.clone()
    }

    /// The changes announced so far, in order, on whatever stream.
    pub fn changes(&self) -> Vec<Change> {
        self.record.seen().changes.clone()
    }

    /// Waits for the next change that was not waited for yet.
    ///
    /// # Panics
    /// When none comes within ten seconds.
    pub async fn next_change(&self) -> Change {
        let next = async {
            loop {
                {
                    let mut seen = self.record.seen();
                    if let Some(change) = seen.changes.get(seen.awaited).cloned() {
                        seen.awaited += 1;
                        return change;
                    }
                }
                self.record.changed.notified().await;
            }
        };
        match tokio::time::timeout(PATIENCE, next).await {
            Ok(change) => change,
            Err(_) => panic!("no change was announced within {PATIENCE:?}"),
        }
    }

    /// Every frame so far, in order.
    pub fn frames(&self) -> Vec<Frame> {
        self.record.seen().frames.clone()
    }

    /// Every frame so far as a line of text, for snapshots and for reading.
    pub fn transcript(&self) -> String {
        self.record
            .seen()
            .frames
            .iter()
            .map(|frame| format!("{frame}\n"))
            .collect()
    }

    /// Everything the server lists, for snapshots.
    ///
    /// # Panics
    /// When a list that the server declares cannot be read.
    pub async fn catalogue(&self) -> Catalogue {
        match Catalogue::read(&self.client).await {
            Ok(catalogue) => catalogue,
            Err(error) => panic!("the server's lists could not be read: {error}"),
        }
    }
}

impl Deref for TestClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for TestClient {
    fn drop(&mut self) {
        let problems = std::mem::take(&mut self.record.seen().problems);
        if !problems.is_empty() && !std::thread::panicking() {
            panic!("frames did not pass their checks:\n{}", problems.join("\n"));
        }
    }
}

impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
