//! Telling clients that something changed.

use std::sync::atomic::Ordering;

use super::{Server, lock};
use crate::registry::{Change, Reach, unprefixed_uri};

impl Server {
    /// Says that every replica hears of the changes of this server by itself, so
    /// that one need not tell the others ([`share_changes`](Self::share_changes)).
    /// For servers that stand in for others, such as proxies.
    #[must_use]
    pub fn local_changes(self) -> Self {
        self.0.local_changes.store(true, Ordering::Relaxed);
        self
    }

    pub(super) fn publish(&self, changes: &[Change]) {
        let reach = if self.0.local_changes.load(Ordering::Relaxed) {
            Reach::Here
        } else {
            Reach::Everybody
        };
        for change in changes {
            self.spread(change, reach);
        }
    }

    /// Tells clients of a change of this server or of one mounted in it.
    pub(super) fn spread(&self, change: &Change, reach: Reach) {
        let sharing = self.0.sharing.get();
        if matches!(reach, Reach::Shared(_)) && sharing.is_some() {
            // It hears of that by itself.
            return;
        }
        // Before clients are told: they may ask anew at once.
        self.clear_own(change);
        let taken = reach == Reach::Everybody && sharing.is_some_and(|it| it.take(self, change));
        if !taken {
            self.0.bus.publish(change, reach);
        }
    }

    fn clear_own(&self, change: &Change) {
        let around = lock(&self.0.source).middleware.clone();
        for middleware in around {
            middleware.changed(change);
        }
    }

    /// Has middleware forget what a change at another replica makes wrong, that of
    /// mounts included.
    pub(super) fn clear(&self, change: &Change) {
        self.clear_own(change);
        for mounted in self.children() {
            let inner = match change {
                Change::Resource(uri) => match unprefixed_uri(mounted.prefix.as_deref(), uri) {
                    Some(uri) => Change::Resource(uri.into_owned()),
                    None => continue,
                },
                other => other.clone(),
            };
            for middleware in mounted.around.middleware() {
                middleware.changed(&inner);
            }
            mounted.server.clear(&inner);
        }
    }

    /// Tells clients that listen that the list of tools has changed.
    pub fn notify_tools_changed(&self) {
        self.publish(&[Change::Tools]);
    }

    /// Tells clients that listen that the list of prompts has changed.
    pub fn notify_prompts_changed(&self) {
        self.publish(&[Change::Prompts]);
    }

    /// Tells clients that listen that the list of resources has changed.
    pub fn notify_resources_changed(&self) {
        self.publish(&[Change::Resources]);
    }

    /// Tells clients that subscribed to a resource that its contents changed.
    /// `uri` is the resource as this server knows it.
    pub fn notify_resource_updated(&self, uri: impl Into<String>) {
        self.publish(&[Change::Resource(uri.into())]);
    }
}
