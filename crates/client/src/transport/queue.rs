//! What is to be sent and not sent yet, within bounds.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::BoxFuture;

/// How much a full queue has, in kibibytes: each message counts as at least one.
const ROOM: u32 = 4096;

/// The way into a queue.
///
/// [`enqueue`](Self::enqueue) waits while 4 MiB or 4,096 messages are queued, whatever comes first;
/// a larger message waits until it is alone. [`push`](Self::push) does not wait: it is for
/// what takes a request back, of which there is at most one for each request that was sent.
pub(crate) struct Queue {
    /// `None` once closed.
    open: Mutex<Option<Open>>,
    room: Arc<Semaphore>,
}

struct Open {
    messages: mpsc::UnboundedSender<Queued>,
    /// Dropped with it, which the other end hears of.
    _closing: oneshot::Sender<()>,
}

/// A message, and its place in the queue until it is sent.
pub(crate) struct Queued {
    pub(crate) message: Vec<u8>,
    // Where a message is written at once, the place is held and not looked at.
    #[cfg_attr(not(feature = "http"), allow(dead_code))]
    pub(crate) place: Option<OwnedSemaphorePermit>,
}

/// The way out of a queue. Dropping it lets go who waits for room.
pub(crate) struct Outlet {
    pub(crate) messages: mpsc::UnboundedReceiver<Queued>,
    /// Ends when the queue is closed, or dropped.
    // Only a child process is pressed to take what is left.
    #[cfg_attr(not(feature = "process"), allow(dead_code))]
    pub(crate) closed: oneshot::Receiver<()>,
}

pub(crate) fn queue() -> (Queue, Outlet) {
    let (sender, messages) = mpsc::unbounded_channel();
    let (closing, closed) = oneshot::channel();
    let open = Open {
        messages: sender,
        _closing: closing,
    };
    let queue = Queue {
        open: Mutex::new(Some(open)),
        room: Arc::new(Semaphore::new(ROOM as usize)),
    };
    (queue, Outlet { messages, closed })
}

impl Queue {
    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message without waiting for room.
    pub(crate) fn push(&self, message: Vec<u8>) {
        self.put(message, None);
    }

    /// Takes a message as soon as there is room for it.
    pub(crate) fn enqueue(&self, message: Vec<u8>) -> BoxFuture<'_, ()> {
        let size = u32::try_from(message.len().div_ceil(1024)).unwrap_or(ROOM);
        let size = size.clamp(1, ROOM);
        if let Ok(place) = Arc::clone(&self.room).try_acquire_many_owned(size) {
            self.put(message, Some(place));
            // Takes no memory, as there is nothing in it.
            return Box::pin(async {});
        }
        Box::pin(async move {
            // An error means that the queue is closed, which shows where messages come from.
            if let Ok(place) = Arc::clone(&self.room).acquire_many_owned(size).await {
                self.put(message, Some(place));
            }
        })
    }

    fn put(&self, message: Vec<u8>, place: Option<OwnedSemaphorePermit>) {
        if let Some(open) = &*self.open() {
            // An outlet that is gone shows where messages come from.
            let _ = open.messages.send(Queued { message, place });
        }
    }

    /// Takes no more. What is queued is still sent.
    // Memory and sockets end with the value.
    #[cfg_attr(not(any(feature = "http", feature = "process")), allow(dead_code))]
    pub(crate) fn close(&self) {
        self.open().take();
        self.room.close();
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Future, poll_fn};
    use std::task::Poll;

    use super::queue;

    /// Whether it is ready when it is looked at once.
    async fn is_ready(future: &mut (impl Future<Output = ()> + Unpin)) -> bool {
        poll_fn(|cx| Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx).is_ready())).await
    }

    #[tokio::test]
    async fn a_full_queue_takes_more_when_something_was_sent() {
        let (queue, mut outlet) = queue();
        for _ in 0..4096 {
            queue.enqueue(b"small".to_vec()).await;
        }
        let mut waiting = queue.enqueue(b"last".to_vec());
        assert!(!is_ready(&mut waiting).await);
        queue.push(b"never mind".to_vec());

        let first = outlet.messages.recv().await;
        assert!(!is_ready(&mut waiting).await, "it was not sent yet");
        drop(first);
        assert!(is_ready(&mut waiting).await);
        assert_eq!(outlet.messages.len(), 4097);
    }

    #[tokio::test]
    async fn what_is_larger_than_the_queue_goes_alone() {
        let (queue, mut outlet) = queue();
        queue.enqueue(vec![0; 16 << 20]).await;
        let mut waiting = queue.enqueue(Vec::new());
        assert!(!is_ready(&mut waiting).await);
        drop(outlet.messages.recv().await);
        assert!(is_ready(&mut waiting).await);
    }

    #[tokio::test]
    async fn nobody_waits_for_a_queue_that_is_gone() {
        let (full, outlet) = queue();
        full.enqueue(vec![0; 4 << 20]).await;
        let mut waiting = full.enqueue(Vec::new());
        assert!(!is_ready(&mut waiting).await);
        drop(outlet);
        assert!(is_ready(&mut waiting).await);

        let (full, outlet) = queue();
        full.enqueue(vec![0; 4 << 20]).await;
        let mut waiting = full.enqueue(Vec::new());
        assert!(!is_ready(&mut waiting).await);
        full.close();
        assert!(is_ready(&mut waiting).await);
        assert!(outlet.closed.await.is_err());
    }
}
