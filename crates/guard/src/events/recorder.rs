//! Where events go.

use std::fmt;

use super::GuardEvent;

/// Somebody who is told of events.
///
/// It is called on the way of whoever asked, so it must neither block nor fail.
///
/// ```
/// use purlin_guard::UrlFetcher;
/// use purlin_guard::events::{GuardEvent, Outcome};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (sender, events) = std::sync::mpsc::channel();
/// let fetcher = UrlFetcher::web()
///     .events(move |event: &GuardEvent| drop(sender.send(event.clone())))
///     .build();
/// fetcher.fetch("http://169.254.169.254/").await.unwrap_err();
/// assert_eq!(events.recv().unwrap().outcome, Outcome::Refused("blocked_address"));
/// # }
/// ```
pub trait GuardEvents: Send + Sync + 'static {
    /// Takes note of an event.
    fn record(&self, event: &GuardEvent);
}

impl<F: Fn(&GuardEvent) + Send + Sync + 'static> GuardEvents for F {
    fn record(&self, event: &GuardEvent) {
        self(event);
    }
}

impl fmt::Debug for dyn GuardEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuardEvents")
    }
}
