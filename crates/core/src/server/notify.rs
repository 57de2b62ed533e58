//! Telling clients that something changed.

use super::{Server, lock};
use crate::registry::Change;

impl Server {
    pub(super) fn publish(&self, changes: &[Change]) {
        for change in changes {
            // Before clients are told: they may ask anew at once.
            let around = lock(&self.0.source).middleware.clone();
            for middleware in around {
                middleware.changed(change);
            }
            self.0.bus.publish(change);
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
