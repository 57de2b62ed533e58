//! What a session subscribed to at one replica is watched at the others as well.

use std::sync::atomic::Ordering;

use super::{Session, SessionState, lock};
use crate::{
    Context, Origin,
    context::Era,
    registry::Watching,
    server::listen::watch_all,
    wire::{Frame, Inbound, parse},
};

/// For transports that share sessions between replicas.
impl Session {
    /// Whether [`watch_subscriptions`](Self::watch_subscriptions) has something to do.
    pub fn has_unwatched(&self) -> bool {
        self.0.drifted.load(Ordering::Acquire)
    }

    /// Tells the code of resources that the session has subscribed to elsewhere
    /// that they are watched here too ([`ResourceHandler::watch`]), and ends what
    /// was unsubscribed elsewhere.
    ///
    /// `origin` tells who has the session. A resource that refuses is not asked
    /// again; its changes may still be heard of at another replica.
    ///
    /// [`ResourceHandler::watch`]: crate::ResourceHandler::watch
    pub async fn watch_subscriptions(&self, origin: &Origin) {
        if !self.0.drifted.swap(false, Ordering::AcqRel) {
            return;
        }
        self.0.note_subscriber(origin);
        self.0.end_watches();
        let mut uris = self.0.claim_watches();
        if uris.is_empty() {
            return;
        }
        let Some(cx) = self.0.on_behalf(origin) else {
            return;
        };
        let watched = watch_all(&cx, &mut uris).await;
        for (uri, watched) in uris.into_iter().zip(watched) {
            self.0.keep_watch(&uri, watched.watching);
        }
    }
}

impl SessionState {
    /// Ends the watches of what is not subscribed to any more.
    fn end_watches(&self) {
        let subscriptions = lock(&self.subscriptions).clone();
        let ended: Vec<_> = lock(&self.watching)
            .extract_if(|uri, _| !subscriptions.contains(uri))
            .collect();
        // Code of the user, which is not run under the lock.
        drop(ended);
    }

    /// What nobody watches here yet; nobody else gets to watch it.
    fn claim_watches(&self) -> Vec<String> {
        let subscriptions = lock(&self.subscriptions).clone();
        let mut watching = lock(&self.watching);
        let mut new = Vec::new();
        for uri in subscriptions {
            if !watching.contains_key(&uri) {
                watching.insert(uri.clone(), Watching::default());
                new.push(uri);
            }
        }
        new
    }

    /// Keeps a watch, unless the subscription has ended meanwhile.
    fn keep_watch(&self, uri: &str, watching: Watching) {
        let dropped = match lock(&self.watching).get_mut(uri) {
            Some(place) => std::mem::replace(place, watching),
            None => watching,
        };
        drop(dropped);
    }

    /// A context for what no request asks for. Nobody reads what is said in it.
    pub(super) fn on_behalf(self: &std::sync::Arc<Self>, origin: &Origin) -> Option<Context> {
        let era = Era::Session(std::sync::Arc::clone(self));
        let cx = Context::new(self.server.clone(), nothing()?, era, origin.clone());
        cx.request().queue().close();
        Some(cx)
    }
}

/// A message that says nothing.
fn nothing() -> Option<Inbound> {
    let text = br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    match parse(text.to_vec()) {
        Ok(Frame::One(message)) => Some(message),
        _ => None,
    }
}
