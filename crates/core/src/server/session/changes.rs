//! The changes that a session hears of.

use std::sync::atomic::Ordering;

use super::{Session, SessionState, lock};
use crate::{
    context::Priority,
    protocol::method,
    registry::{Change, Listener, Place, Reach},
    wire::{notification, write_json},
};

/// For transports that share sessions between replicas.
impl Session {
    /// The changes that were put into [`outbox`](Self::outbox) so far, as a text that
    /// [`catch_up`](Self::catch_up) understands at any replica. `None` where changes
    /// are not shared ([`Server::share_changes`](crate::Server::share_changes)).
    pub fn changes_told(&self) -> Option<String> {
        Some(self.0.server.sharing()?.told().to_string())
    }

    /// The changes that the client could see for itself when it opened the session.
    pub fn changes_at_start(&self) -> Option<String> {
        self.0.shared.get()?.changes_at_start()
    }

    /// Takes over from a replica that has told the client of changes up to `told`
    /// (`None`: nobody knows of which): what waits in the [`outbox`](Self::outbox) is
    /// dropped, if it was told there (`drop_waiting`), and what the client has missed is put
    /// into it.
    pub fn catch_up(&self, told: Option<&str>, drop_waiting: bool) {
        let mut told_elsewhere = lock(&self.0.told_elsewhere);
        if drop_waiting {
            self.0.queue.clear();
        }
        let Some(sharing) = self.0.server.sharing() else {
            return;
        };
        let from = told.and_then(|told| told.parse().ok());
        // What has come since the session is here waits already.
        let to = (!drop_waiting).then_some(self.0.here_since);
        let (missed, now) = sharing.missed(from, to);
        for change in missed {
            self.0.tell_change(&change);
        }
        *told_elsewhere = now;
    }
}

impl SessionState {
    fn tell_change(&self, change: &Change) {
        match change {
            Change::Anything => {
                for change in Change::LISTS {
                    self.queue.push(tidings(&change), Priority::Announced);
                }
                let subscriptions = lock(&self.subscriptions).clone();
                for uri in subscriptions {
                    self.tell_update(&uri, Priority::Announced);
                }
            }
            Change::Resource(uri) if !lock(&self.subscriptions).contains(uri) => {}
            Change::Resource(uri) => self.tell_update(uri, Priority::Log),
            // What a client that does not listen misses, it finds in the next list.
            change => _ = self.queue.push(tidings(change), Priority::Log),
        }
    }
}

impl Listener for SessionState {
    fn notify(&self, change: &Change, reach: Reach) {
        // Held until the change is queued, so that a stream that is taken over has it
        // or it waits here.
        let told_elsewhere = lock(&self.told_elsewhere);
        let known = matches!(reach, Reach::Shared(place) if told_elsewhere.covers(place));
        // A session that is shared may have been initialised elsewhere.
        let may = self.shared.get().is_some() || self.initialized.load(Ordering::Acquire);
        if may && !known {
            self.tell_change(change);
        }
    }
}

/// What a client is told. [`Change::Anything`] is told as all that it stands for.
pub(super) fn tidings(change: &Change) -> Vec<u8> {
    let method = match change {
        Change::Tools => method::NOTIFICATIONS_TOOLS_LIST_CHANGED,
        Change::Prompts => method::NOTIFICATIONS_PROMPTS_LIST_CHANGED,
        Change::Resources | Change::Anything => method::NOTIFICATIONS_RESOURCES_LIST_CHANGED,
        Change::Resource(uri) => {
            let mut params = br#"{"uri":"#.to_vec();
            write_json(&mut params, uri);
            params.push(b'}');
            return notification(method::NOTIFICATIONS_RESOURCES_UPDATED, &params);
        }
    };
    notification(method, b"")
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:x}.{}", self.series, self.number)
    }
}

impl std::str::FromStr for Place {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (series, number) = text.split_once('.').unwrap_or((text, ""));
        Ok(Self {
            series: u64::from_str_radix(series, 16)?,
            number: number.parse()?,
        })
    }
}
