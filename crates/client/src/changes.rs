//! What changed on the server: one stream in both eras.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use purlin_core::protocol::SubscriptionFilter;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::client::Client;
use crate::error::ClientError;
use crate::inbox::Watch;

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// The list of tools.
    Tools,
    /// The list of prompts.
    Prompts,
    /// The list of resources, or of resource templates.
    Resources,
    /// What a resource contains; its URI.
    Resource(String),
}

/// What to be told about. Starts with nothing.
///
/// ```
/// use purlin_client::Subscription;
///
/// let wanted = Subscription::new().tools().resource("data://stats");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Subscription(pub(crate) SubscriptionFilter);

impl Subscription {
    /// A subscription to nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes of every list: tools, prompts and resources.
    pub fn lists() -> Self {
        Self::new().tools().prompts().resources()
    }

    /// Changes of the list of tools.
    #[must_use]
    pub fn tools(mut self) -> Self {
        self.0.tools_list_changed = true;
        self
    }

    /// Changes of the list of prompts.
    #[must_use]
    pub fn prompts(mut self) -> Self {
        self.0.prompts_list_changed = true;
        self
    }

    /// Changes of the lists of resources and templates.
    #[must_use]
    pub fn resources(mut self) -> Self {
        self.0.resources_list_changed = true;
        self
    }

    /// Changes of one resource.
    #[must_use]
    pub fn resource(mut self, uri: impl Into<String>) -> Self {
        self.0.resource_subscriptions.push(uri.into());
        self
    }
}

/// The changes that were subscribed to. Ends with the connection, or when the server ends it.
///
/// Changes are states, not events: several of the same thing that were not fetched yet are one.
/// Dropping the stream unsubscribes.
pub struct Changes {
    queue: Arc<Queue>,
    served: SubscriptionFilter,
    _keep: Keep,
}

/// What has to stay for changes to arrive.
pub(crate) enum Keep {
    /// The request that stays open, in the stateless era.
    Listening(AbortHandle),
    /// The subscribed resources of a session.
    Session {
        client: Client,
        uris: Vec<String>,
        _watch: Watch,
    },
}

impl Changes {
    pub(crate) fn new(queue: Arc<Queue>, served: SubscriptionFilter, keep: Keep) -> Self {
        Self {
            queue,
            served,
            _keep: keep,
        }
    }

    /// The next change; `None` when there will be no more.
    pub async fn next(&mut self) -> Option<Change> {
        self.queue.next().await
    }

    /// What the server agreed to tell. In the session era, what was asked for.
    pub fn served(&self) -> &SubscriptionFilter {
        &self.served
    }

    /// Why the stream ended, if it ended with an error.
    pub fn failure(&self) -> Option<String> {
        self.queue
            .state()
            .ended
            .as_ref()?
            .as_ref()
            .map(ToString::to_string)
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("served", &self.served)
            .finish_non_exhaustive()
    }
}

impl Drop for Keep {
    fn drop(&mut self) {
        match self {
            Self::Listening(request) => request.abort(),
            Self::Session { client, uris, .. } => client.release(std::mem::take(uris)),
        }
    }
}

/// The changes that wait to be fetched.
pub(crate) struct Queue {
    wanted: SubscriptionFilter,
    state: Mutex<State>,
    moved: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Change>,
    acknowledged: Option<SubscriptionFilter>,
    ended: Option<Option<ClientError>>,
}

/// More distinct changes than anyone subscribes to: a server that sends more is making them up.
const MOST_WAITING: usize = 4096;

impl Queue {
    pub(crate) fn new(wanted: SubscriptionFilter) -> Arc<Self> {
        Arc::new(Self {
            wanted,
            state: Mutex::default(),
            moved: Notify::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wants(&self, change: &Change) -> bool {
        match change {
            Change::Tools => self.wanted.tools_list_changed,
            Change::Prompts => self.wanted.prompts_list_changed,
            Change::Resources => self.wanted.resources_list_changed,
            // A server may report a part of the resource that was subscribed to.
            Change::Resource(_) => !self.wanted.resource_subscriptions.is_empty(),
        }
    }

    pub(crate) fn push(&self, change: Change) {
        if !self.wants(&change) {
            return;
        }
        let mut state = self.state();
        if state.waiting.len() < MOST_WAITING && !state.waiting.contains(&change) {
            state.waiting.push_back(change);
            self.moved.notify_one();
        }
    }

    pub(crate) fn acknowledge(&self, served: SubscriptionFilter) {
        self.state().acknowledged = Some(served);
        self.moved.notify_one();
    }

    pub(crate) fn finish(&self, failure: Option<ClientError>) {
        self.state().ended.get_or_insert(failure);
        self.moved.notify_one();
    }

    /// Waits for the server's word that the subscription stands.
    pub(crate) async fn acknowledged(&self) -> Result<SubscriptionFilter, ClientError> {
        loop {
            {
                let mut state = self.state();
                if let Some(served) = state.acknowledged.take() {
                    return Ok(served);
                }
                if let Some(failure) = &mut state.ended {
                    return Err(failure.take().unwrap_or_else(ClientError::closed));
                }
            }
            self.moved.notified().await;
        }
    }

    async fn next(&self) -> Option<Change> {
        loop {
            {
                let mut state = self.state();
                if let Some(change) = state.waiting.pop_front() {
                    return Some(change);
                }
                if state.ended.is_some() {
                    return None;
                }
            }
            self.moved.notified().await;
        }
    }
}
