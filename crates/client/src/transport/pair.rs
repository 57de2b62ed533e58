//! Two ends of a connection inside one process, for fake peers and bridges.

use tokio::sync::{Mutex, mpsc};

use super::Transport;
use crate::{BoxFuture, Result};

/// One end of [`pair`]. Dropping it closes the connection for the other end.
#[derive(Debug)]
pub struct PairEnd {
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    incoming: Mutex<mpsc::UnboundedReceiver<Vec<u8>>>,
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
    let (to_right, from_left) = mpsc::unbounded_channel();
    let (to_left, from_right) = mpsc::unbounded_channel();
    (
        PairEnd::new(to_right, from_right),
        PairEnd::new(to_left, from_left),
    )
}

impl PairEnd {
    fn new(
        outgoing: mpsc::UnboundedSender<Vec<u8>>,
        incoming: mpsc::UnboundedReceiver<Vec<u8>>,
    ) -> Self {
        Self {
            outgoing,
            incoming: Mutex::new(incoming),
        }
    }
}

impl Transport for PairEnd {
    fn send(&self, message: Vec<u8>) {
        // An end that is gone shows as the end of `recv`.
        let _ = self.outgoing.send(message);
    }

    fn recv(&self) -> BoxFuture<'_, Result<Option<Vec<u8>>>> {
        Box::pin(async { Ok(self.incoming.lock().await.recv().await) })
    }
}
