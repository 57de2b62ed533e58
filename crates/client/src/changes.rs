//! What changed on the server: one stream in both eras.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use purlin_core::protocol::SubscriptionFilter;
use tokio::task::AbortHandle;

use crate::Result;

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

/// The changes that were subscribed to, as a stream. It ends when the server ends it or this
/// client is closed; a connection that breaks is an error, and the end.
///
/// Changes are states, not events: several of the same thing that were not fetched yet are one,
/// and a session that had to be opened again counts as a change of everything subscribed to.
/// Dropping the stream unsubscribes.
///
/// ```no_run
/// # async fn example(client: purlin_client::Client) -> Result<(), purlin_client::ClientError> {
/// use purlin_client::Subscription;
///
/// let mut changes = client.listen(Subscription::lists()).await?;
/// while let Some(change) = changes.next().await {
///     println!("{:?} changed", change?);
/// }
/// # Ok(()) }
/// ```
#[must_use = "changes are told as they are read, and dropping the stream unsubscribes"]
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

    /// The next change; `None` when there will be no more. Cancel-safe.
    pub async fn next(&mut self) -> Option<Result<Change>> {
        poll_fn(|task| self.queue.poll(task)).await
    }

    /// What the server agreed to tell. In the session era, what was asked for.
    pub fn served(&self) -> &SubscriptionFilter {
        &self.served
    }
}

impl Stream for Changes {
    type Item = Result<Change>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.queue.poll(task)
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
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Change>,
    acknowledged: Option<SubscriptionFilter>,
    ended: bool,
    /// Why it ended, until that is told.
    failure: Option<ClientError>,
    /// Who waits: the one that subscribes, later the stream.
    waker: Option<Waker>,
}

/// More distinct changes than anyone subscribes to: a server that sends more is making them up.
const MOST_WAITING: usize = 4096;

impl Queue {
    pub(crate) fn new(wanted: SubscriptionFilter) -> Arc<Self> {
        Arc::new(Self {
            wanted,
            state: Mutex::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Alters the state, and wakes whoever waits for that.
    fn alter(&self, alter: impl FnOnce(&mut State)) {
        let waker = {
            let mut state = self.state();
            alter(&mut state);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn wants(&self, change: &Change) -> bool {
        match change {
            Change::Tools => self.wanted.tools_list_changed,
            Change::Prompts => self.wanted.prompts_list_changed,
            Change::Resources => self.wanted.resources_list_changed,
            // A server may report a part of the resource that was subscribed to.
            Change::Resource(uri) => {
                let mut wanted = self.wanted.resource_subscriptions.iter();
                wanted.any(|wanted| uri.starts_with(wanted.as_str()))
            }
        }
    }

    pub(crate) fn push(&self, change: Change) {
        if !self.wants(&change) {
            return;
        }
        self.alter(|state| {
            let known = state.waiting.contains(&change);
            if !state.ended && !known && state.waiting.len() < MOST_WAITING {
                state.waiting.push_back(change);
            }
        });
    }

    /// Everything may have changed while nobody was told.
    pub(crate) fn push_all(&self) {
        let resources = self.wanted.resource_subscriptions.iter();
        let lists = [Change::Tools, Change::Prompts, Change::Resources];
        let changes = lists
            .into_iter()
            .chain(resources.cloned().map(Change::Resource));
        changes.for_each(|change| self.push(change));
    }

    pub(crate) fn acknowledge(&self, served: SubscriptionFilter) {
        self.alter(|state| state.acknowledged = Some(served));
    }

    /// There will be no more changes. The first reason given counts.
    pub(crate) fn finish(&self, failure: Option<ClientError>) {
        self.alter(|state| {
            if !state.ended {
                state.ended = true;
                state.failure = failure;
            }
        });
    }

    /// Waits for the server's word that the subscription stands.
    pub(crate) async fn acknowledged(&self) -> Result<SubscriptionFilter> {
        let acknowledged = |state: &mut State| match state.acknowledged.take() {
            Some(served) => Some(Ok(served)),
            None if state.ended => {
                let failure = state.failure.take();
                Some(Err(failure.unwrap_or_else(ClientError::closed)))
            }
            None => None,
        };
        poll_fn(|task| self.poll_state(task, acknowledged)).await
    }

    fn poll(&self, task: &mut Context<'_>) -> Poll<Option<Result<Change>>> {
        self.poll_state(task, |state| match state.waiting.pop_front() {
            Some(change) => Some(Some(Ok(change))),
            None if state.ended => Some(state.failure.take().map(Err)),
            None => None,
        })
    }

    fn poll_state<T>(
        &self,
        task: &mut Context<'_>,
        look: impl FnOnce(&mut State) -> Option<T>,
    ) -> Poll<T> {
        let mut state = self.state();
        match look(&mut state) {
            Some(found) => Poll::Ready(found),
            None => {
                state.waker = Some(task.waker().clone());
                Poll::Pending
            }
        }
    }
}
