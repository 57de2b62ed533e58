//! Two ends of a connection inside one process, for fake peers and bridges.

use std::fmt;

use tokio::sync::{Mutex, mpsc};

use super::Transport;
use super::queue::{Outlet, Queue, Queued, queue};
use crate::{BoxFuture, Result};

/// One end of [`pair`]. Dropping it closes the connection for the other end.
pub struct PairEnd {
    outgoing: Queue,
    incoming: Mutex<mpsc::UnboundedReceiver<Queued>>,
}

/// Two connected transports: what one end sends, the other receives.
///
/// ```
/// # async fn example() -> Result<(), purlin_client::ClientError> {
/// use purlin_client::transport::{Transport, pair};
///
/// let (here, there) = pair();
/// here.send(b"{}".to_vec());
/// assert_eq!(there.recv().await?, Some(b"{}".to_vec()));
/// # Ok(()) }
/// ```
pub fn pair() -> (PairEnd, PairEnd) {
    let (to_right, from_left) = queue();
    let (to_left, from_right) = queue();
    (
        PairEnd::new(to_right, from_right),
        PairEnd::new(to_left, from_left),
    )
}

impl PairEnd {
    fn new(outgoing: Queue, incoming: Outlet) -> Self {
        Self {
            outgoing,
            incoming: Mutex::new(incoming.messages),
        }
    }
}

impl Transport for PairEnd {
    fn send(&self, message: Vec<u8>) {
        self.outgoing.push(message);
    }

    fn enqueue(&self, message: Vec<u8>) -> BoxFuture<'_, ()> {
        self.outgoing.enqueue(message)
    }

    fn recv(&self) -> BoxFuture<'_, Result<Option<Vec<u8>>>> {
        Box::pin(async {
            let queued = self.incoming.lock().await.recv().await;
            Ok(queued.map(|queued| queued.message))
        })
    }
}

impl fmt::Debug for PairEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PairEnd").finish_non_exhaustive()
    }
}
