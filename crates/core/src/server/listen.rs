//! `subscriptions/listen`: the stream of change notifications of the stateless
//! era (specification 2026-07-28, Basic, "Subscriptions").

use std::{
    collections::BTreeMap,
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Poll, Waker},
};

use super::{
    dispatch::{may_watch, watch},
    fault::invalid_params,
};
use crate::{
    Context, Error, ErrorKind, Origin, Result, Server,
    access::{Seats, Verdict},
    context::{Priority, RequestState},
    future::{First, race},
    protocol::{Meta, SubscriptionFilter, method},
    registry::{Change, Listener, Reach, Watching},
    server::promise::Kinds,
    wire::{Reply, notification, write_json},
};

/// How many resources one stream may watch.
const MAX_RESOURCES: usize = 1_000;

/// One open stream.
struct Subscription {
    request: Weak<RequestState>,
    filter: SubscriptionFilter,
    unjudged: Mutex<Unjudged>,
}

/// Changes that policies are asked about before they are told: of each resource
/// one, so there are never more than the stream watches.
#[derive(Default)]
struct Unjudged {
    changes: BTreeMap<String, Priority>,
    waker: Option<Waker>,
}

/// Why a stream ends.
enum End {
    /// The server does.
    Server,
    /// Nobody vouches for the caller any more.
    Token,
}

/// Keeps a stream open until the server ends, or the token of the caller.
pub(crate) async fn listen(cx: &Context) -> Result<Reply> {
    let asked = match cx.message().param("notifications") {
        // A list would pass for a struct of no members.
        Some(raw) if raw.is_object() => raw.decode::<SubscriptionFilter>().map_err(|error| {
            invalid_params(format!("`params.notifications` is not a filter: {error}"))
        })?,
        Some(_) | None => {
            return Err(invalid_params(
                "`params.notifications` must be an object that says what to listen to",
            ));
        }
    };
    if asked.resource_subscriptions.len() > MAX_RESOURCES {
        return Err(invalid_params(format!(
            "a stream may watch at most {MAX_RESOURCES} resources"
        )));
    }
    let server = cx.server();
    server.changes_heard().await;
    // The stream itself, and each resource.
    let seats = Seats::of_stream(cx, 1 + asked.resource_subscriptions.len()).await?;
    let mut filter = honoured(asked, server.offered(&server.catalogue()));
    let watched = watch_all(cx, &mut filter.resource_subscriptions).await;
    acknowledge(cx, &filter);
    let filter = permitted(filter, &watched);
    let subscription = Arc::new(Subscription {
        request: Arc::downgrade(cx.request()),
        filter,
        unjudged: Mutex::default(),
    });
    let weak = Arc::downgrade(&subscription);
    let _seated = server.bus().join_for_now(weak);
    let ending = ending(cx, &subscription);
    let end = match &seats {
        Some(seats) => match race(ending, seats.keep()).await {
            First::Left(end) => end,
            First::Right(never) => match never {},
        },
        None => ending.await,
    };
    drop(subscription);
    if let End::Token = end {
        let problem = "the token has expired: subscribe again with a new one";
        return Err(Error::new(ErrorKind::Unauthenticated, problem));
    }
    let id = cx.request_id();
    let result = format!(
        r#"{{"resultType":"complete","_meta":{{"{}":{id}}}}}"#,
        Meta::SUBSCRIPTION_ID
    );
    Ok(Reply::result(id, result.as_bytes()))
}

/// Waits for the end of a stream, and has policies asked meanwhile.
async fn ending(cx: &Context, subscription: &Subscription) -> End {
    let mut draining = pin!(cx.server().draining());
    let mut expired = cx
        .principal()
        .filter(|caller| caller.expires().is_some())
        .map(|caller| Box::pin(caller.expired()));
    let mut judging = pin!(subscription.judge(cx));
    poll_fn(|task| {
        if draining.as_mut().poll(task).is_ready() {
            return Poll::Ready(End::Server);
        }
        if let Some(expired) = &mut expired
            && expired.as_mut().poll(task).is_ready()
        {
            return Poll::Ready(End::Token);
        }
        judging.as_mut().poll(task)
    })
    .await
}

/// What is asked for and can be served; the rest is left out of the
/// acknowledgement.
fn honoured(mut filter: SubscriptionFilter, offered: Kinds) -> SubscriptionFilter {
    filter.tools_list_changed &= offered.tools();
    filter.prompts_list_changed &= offered.prompts();
    filter.resources_list_changed &= offered.resources();
    if !offered.resources() {
        filter.resource_subscriptions.clear();
    }
    filter.task_ids.clear();
    filter
}

/// A resource that somebody wants to hear of.
pub(super) struct Watched {
    pub(super) watching: Watching,
    /// Whether the caller may.
    granted: bool,
}

/// Tells the code of resources that they are watched, of all at the same time;
/// forgets those that refuse it.
pub(super) async fn watch_all(cx: &Context, uris: &mut Vec<String>) -> Vec<Watched> {
    let mut starting: Vec<_> = std::mem::take(uris)
        .into_iter()
        .map(|uri| Some(Box::pin(watch_one(cx, uri))))
        .collect();
    let mut watched: Vec<_> = starting.iter().map(|_| None).collect();
    poll_fn(|task| {
        for (start, watched) in starting.iter_mut().zip(&mut watched) {
            if let Some(Poll::Ready(outcome)) = start.as_mut().map(|it| it.as_mut().poll(task)) {
                *start = None;
                *watched = outcome;
            }
        }
        if starting.iter().all(Option::is_none) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    let (known, watching) = watched.into_iter().flatten().unzip();
    *uris = known;
    watching
}

/// A resource that the caller may not hear of is not asked either.
async fn watch_one(cx: &Context, uri: String) -> Option<(String, Watched)> {
    let granted = matches!(may_watch(cx, &uri).await, Verdict::Granted);
    let watching = match granted {
        true => watch(cx, &uri).await,
        false => Ok(Watching::default()),
    };
    match watching {
        Ok(watching) => Some((uri, Watched { watching, granted })),
        Err(error) => {
            let named = uri.split(['?', '#']).next();
            tracing::debug!(uri = named, %error, "a resource cannot be watched");
            None
        }
    }
}

/// What the caller may hear of. The acknowledgement does not tell, for a resource
/// that is hidden looks like one that is not there.
fn permitted(mut filter: SubscriptionFilter, watched: &[Watched]) -> SubscriptionFilter {
    let mut watched = watched.iter();
    filter
        .resource_subscriptions
        .retain(|_| watched.next().is_some_and(|watched| watched.granted));
    filter
}

fn acknowledge(cx: &Context, filter: &SubscriptionFilter) {
    let mut members = br#""notifications":"#.to_vec();
    write_json(&mut members, filter);
    let params = tagged(cx.request_id(), &members);
    cx.push(
        notification(method::NOTIFICATIONS_SUBSCRIPTIONS_ACKNOWLEDGED, &params),
        Priority::Needed,
    );
}

/// Parameters that carry the subscription's id, in the type the client gave it.
fn tagged(id: &str, members: &[u8]) -> Vec<u8> {
    let mut params = Vec::with_capacity(members.len() + id.len() + 64);
    params.push(b'{');
    params.extend_from_slice(members);
    if !members.is_empty() {
        params.push(b',');
    }
    params
        .extend_from_slice(format!(r#""_meta":{{"{}":{id}}}}}"#, Meta::SUBSCRIPTION_ID).as_bytes());
    params
}

/// Whether somebody from there may hear of a change of a resource now.
pub(super) enum MayHear {
    Yes,
    No,
    /// Policies know.
    Ask,
}

/// Who may hear of what can change while a subscription lasts.
pub(super) fn may_hear(server: &Server, origin: &Origin, uri: &str) -> MayHear {
    let catalogue = server.catalogue();
    let Some(target) = catalogue.resource(uri) else {
        return MayHear::Yes;
    };
    let requirement = &target.entry.access.requirement;
    match requirement.admits(origin, &catalogue.tail.permissions) {
        false => MayHear::No,
        true if requirement.has_policies() => MayHear::Ask,
        true => MayHear::Yes,
    }
}

impl Subscription {
    fn unjudged(&self) -> MutexGuard<'_, Unjudged> {
        self.unjudged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks policies about changes as they come, and tells what they allow. It
    /// has no end of its own.
    async fn judge(&self, cx: &Context) -> End {
        loop {
            let (uri, priority) = poll_fn(|task| {
                let mut unjudged = self.unjudged();
                if let Some(change) = unjudged.changes.pop_first() {
                    return Poll::Ready(change);
                }
                unjudged.waker = Some(task.waker().clone());
                Poll::Pending
            })
            .await;
            if let Verdict::Granted = may_watch(cx, &uri).await {
                cx.request()
                    .queue()
                    .push(self.updated(cx.request_id(), &uri), priority);
            }
        }
    }

    fn updated(&self, id: &str, uri: &str) -> Vec<u8> {
        let mut members = br#""uri":"#.to_vec();
        write_json(&mut members, uri);
        notification(
            method::NOTIFICATIONS_RESOURCES_UPDATED,
            &tagged(id, &members),
        )
    }

    /// Everything it listens to.
    fn anything(&self) -> impl Iterator<Item = Change> {
        let lists = Change::LISTS.into_iter();
        let uris = self.filter.resource_subscriptions.iter().cloned();
        lists.chain(uris.map(Change::Resource))
    }

    fn tell(&self, change: &Change, priority: Priority) {
        let Some(request) = self.request.upgrade() else {
            return;
        };
        let id = request.message.id().unwrap_or_default();
        let body = match change {
            Change::Tools if self.filter.tools_list_changed => {
                notification(method::NOTIFICATIONS_TOOLS_LIST_CHANGED, &tagged(id, b""))
            }
            Change::Prompts if self.filter.prompts_list_changed => {
                notification(method::NOTIFICATIONS_PROMPTS_LIST_CHANGED, &tagged(id, b""))
            }
            Change::Resources if self.filter.resources_list_changed => notification(
                method::NOTIFICATIONS_RESOURCES_LIST_CHANGED,
                &tagged(id, b""),
            ),
            Change::Resource(uri) if self.filter.resource_subscriptions.contains(uri) => {
                match may_hear(&request.server, &request.origin, uri) {
                    MayHear::Yes => self.updated(id, uri),
                    MayHear::No => return,
                    MayHear::Ask => return self.ask(uri, priority),
                }
            }
            _ => return,
        };
        // A listener that does not read is cut off rather than misled.
        request.queue().push(body, priority);
    }
}

impl Subscription {
    /// Has policies asked about a change.
    fn ask(&self, uri: &str, priority: Priority) {
        let waker = {
            let mut unjudged = self.unjudged();
            unjudged.changes.insert(uri.to_owned(), priority);
            unjudged.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Listener for Subscription {
    fn notify(&self, change: &Change, _: Reach) {
        match change {
            Change::Anything => {
                for change in self.anything() {
                    self.tell(&change, Priority::Announced);
                }
            }
            change => self.tell(change, Priority::Needed),
        }
    }
}
