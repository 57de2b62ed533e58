//! What happened to handlers, for other tools to tell.

use tokio::sync::watch;

/// A number that only grows, and can be waited for.
pub(crate) struct Count(watch::Sender<u64>);

impl Count {
    pub(crate) fn add(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    pub(crate) async fn reaches(&self, least: u64) -> u64 {
        let mut receiver = self.0.subscribe();
        // The sender lives as long as the process, so waiting cannot fail.
        receiver
            .wait_for(|count| *count >= least)
            .await
            .map_or(0, |count| *count)
    }
}

impl Default for Count {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

/// Counts handlers that began and those that were dropped.
#[derive(Default)]
pub(crate) struct Witness {
    pub(crate) begun: Count,
    pub(crate) dropped: Count,
}

impl Witness {
    /// Sees one handler from its beginning to its end.
    pub(crate) fn see(&self) -> Seen<'_> {
        self.begun.add();
        Seen(self)
    }
}

/// Dropped with the handler it belongs to.
pub(crate) struct Seen<'a>(&'a Witness);

impl Drop for Seen<'_> {
    fn drop(&mut self) {
        self.0.dropped.add();
    }
}
