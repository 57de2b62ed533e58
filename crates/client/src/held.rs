//! The resources that a session is subscribed to, for as long as any stream of changes wants them.
//!
//! A session knows a subscription once, whoever wants it. What is said about one resource is said
//! in order: a stream that comes while the last one before it is being unsubscribed waits for that,
//! or finds the subscription as it was.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use purlin_core::protocol::method;
use purlin_core::wire::Revision;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::Result;
use crate::call::Request;
use crate::client::Client;
use crate::envelope::{self, Params};
use crate::link::{Link, Outgoing};

/// The subscriptions of one session.
#[derive(Default)]
pub(crate) struct Held(Mutex<HashMap<String, Place>>);

/// One subscription.
#[derive(Default)]
struct Place {
    /// How many streams want it.
    streams: usize,
    /// Whether it was asked for without a stream.
    asked: bool,
    /// Whether the server was told; locked while it is.
    told: Arc<tokio::sync::Mutex<bool>>,
}

impl Place {
    fn is_wanted(&self) -> bool {
        self.asked || self.streams > 0
    }
}

impl Held {
    fn places(&self) -> MutexGuard<'_, HashMap<String, Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stream wants a resource, until [`let_go`](Self::let_go).
    pub(crate) fn want(&self, uri: &str) {
        self.places().entry(uri.to_owned()).or_default().streams += 1;
    }

    pub(crate) fn let_go(&self, uri: &str) {
        if let Some(place) = self.places().get_mut(uri) {
            place.streams = place.streams.saturating_sub(1);
        }
    }

    fn ask(&self, uri: &str, asked: bool) {
        self.places().entry(uri.to_owned()).or_default().asked = asked;
    }

    fn told(&self, uri: &str) -> Arc<tokio::sync::Mutex<bool>> {
        Arc::clone(&self.places().entry(uri.to_owned()).or_default().told)
    }

    pub(crate) fn is_wanted(&self, uri: &str) -> bool {
        self.places().get(uri).is_some_and(Place::is_wanted)
    }

    /// Forgets a resource that nobody wants.
    fn sweep(&self, uri: &str) {
        let mut places = self.places();
        if places.get(uri).is_some_and(|place| !place.is_wanted()) {
            places.remove(uri);
        }
    }

    /// What the session is to be told again when it is another one.
    pub(crate) fn wanted(&self) -> Vec<String> {
        let places = self.places();
        let wanted = places.iter().filter(|(_, place)| place.is_wanted());
        wanted.map(|(uri, _)| uri.clone()).collect()
    }
}

impl Client {
    /// Subscribes to a resource in the session era; [`listen`](Self::listen) works in both.
    ///
    /// # Errors
    /// `Unsupported` in the stateless era; otherwise as any request.
    pub async fn subscribe(&self, uri: &str) -> Result<()> {
        self.session_only(method::RESOURCES_SUBSCRIBE)?;
        let held = &self.0.held;
        held.ask(uri, true);
        let subscribed = self.subscribe_once(uri).await;
        if subscribed.is_err() {
            held.ask(uri, false);
            held.sweep(uri);
        }
        subscribed
    }

    /// Ends what [`subscribe`](Self::subscribe) began. Streams of changes keep what they want.
    ///
    /// # Errors
    /// `Unsupported` in the stateless era; otherwise as any request.
    pub async fn unsubscribe(&self, uri: &str) -> Result<()> {
        self.session_only(method::RESOURCES_UNSUBSCRIBE)?;
        let held = &self.0.held;
        held.ask(uri, false);
        let place = held.told(uri);
        let mut told = place.lock().await;
        if held.is_wanted(uri) {
            return Ok(());
        }
        let request = Request::new(self, method::RESOURCES_UNSUBSCRIBE).param("uri", uri);
        let _: IgnoredAny = request.await?;
        *told = false;
        held.sweep(uri);
        Ok(())
    }

    /// Subscribes to a resource that is wanted, unless the session is already.
    ///
    /// # Errors
    /// As any request.
    pub(crate) async fn subscribe_once(&self, uri: &str) -> Result<()> {
        let place = self.0.held.told(uri);
        let mut told = place.lock().await;
        if !*told {
            let request = Request::new(self, method::RESOURCES_SUBSCRIBE).param("uri", uri);
            let _: IgnoredAny = request.await?;
            *told = true;
        }
        Ok(())
    }

    /// Ends subscriptions of a stream that is gone, in the background.
    pub(crate) fn release(&self, uris: Vec<String>) {
        let inner = &self.0;
        uris.iter().for_each(|uri| inner.held.let_go(uri));
        for uri in uris.into_iter().filter(|uri| !inner.held.is_wanted(uri)) {
            let ending = Ending {
                held: Arc::clone(&inner.held),
                link: Arc::clone(&inner.link),
                id: inner.next_id(),
                revision: self.revision(),
                patience: inner.options.connect_timeout,
                uri,
            };
            inner.tasks.spawn(ending.run());
        }
    }
}

/// A subscription that nobody wants any more. Holds the link only: a server that never answers
/// keeps no client alive.
struct Ending {
    held: Arc<Held>,
    link: Arc<Link>,
    id: i64,
    revision: Revision,
    patience: Duration,
    uri: String,
}

impl Ending {
    async fn run(self) {
        let place = self.held.told(&self.uri);
        let mut told = place.lock().await;
        if self.held.is_wanted(&self.uri) {
            return;
        }
        if std::mem::take(&mut *told)
            && let Err(error) = self.unsubscribe().await
        {
            tracing::debug!(%error, "a subscription could not be ended");
        }
        self.held.sweep(&self.uri);
    }

    async fn unsubscribe(&self) -> Result<()> {
        let mut params = Params::default();
        params.set("uri", Value::String(self.uri.clone()));
        let method = method::RESOURCES_UNSUBSCRIBE;
        let body = envelope::request(self.id, method, &params);
        let request = Outgoing::plain(self.id, method, body, Some(self.revision));
        self.link
            .within(self.patience, self.link.exchange(request))
            .await???;
        Ok(())
    }
}
