//! Who waits for a change is woken by the server.
//!
//! Whatever writes a record publishes on a channel of the record's name, in the same
//! step. One connection subscribes to the channels that somebody waits at. What is
//! published carries nothing: the record is read and compared, so a message too many
//! wakes in vain, and none too few goes unnoticed for long, as every waiter reads again
//! after a while by itself. While the connection is not there, or has not subscribed
//! yet, waiters ask again and again, ever less often.
//!
//! Nothing falls in between: a waiter reads after it has made its wish known, is woken
//! when the subscription stands, and reads again.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use futures_util::{StreamExt, future::select};
use redis::{Client, RedisResult, aio::PubSubSink};
use tokio::{
    runtime::Handle,
    sync::{Notify, futures::OwnedNotified},
    task::AbortHandle,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::link::{HEARTBEAT, LASTING, Patience, pause};

/// How long a waiter that will be woken waits before it looks by itself.
const CHECK: Duration = Duration::from_secs(5);
/// How many channels one command names.
const AT_ONCE: usize = 500;
/// How often a waiter asks that nobody will wake: at first, and at last.
const FIRST: Duration = Duration::from_millis(25);
const LAST: Duration = Duration::from_millis(500);

/// The channels that somebody waits at.
#[derive(Debug)]
pub(super) struct News {
    board: Arc<Board>,
    client: Option<Box<Client>>,
    runtime: Handle,
    patience: Patience,
    task: Mutex<Option<AbortHandle>>,
}

/// Who waits where.
#[derive(Debug, Default)]
struct Board {
    channels: Mutex<HashMap<Arc<str>, Channel>>,
    /// A channel was added.
    added: Notify,
}

#[derive(Debug, Default)]
struct Channel {
    waiters: usize,
    /// Whether the server will tell.
    stands: bool,
    /// Nobody has waited since it was looked at. A channel stays subscribed to for one
    /// or two signs of life, as who waits mostly waits again.
    deserted: bool,
    notify: Arc<Notify>,
}

/// One who waits, until it is dropped.
#[derive(Debug)]
pub(super) struct Waiter {
    board: Weak<Board>,
    channel: Arc<str>,
    notify: Arc<Notify>,
    pause: Duration,
}

impl News {
    /// Without a client there is nobody to wake anybody: everybody asks.
    pub(super) fn new(runtime: &Handle, client: Option<Box<Client>>, patience: Patience) -> Self {
        Self {
            board: Arc::default(),
            client,
            runtime: runtime.clone(),
            patience,
            task: Mutex::default(),
        }
    }

    /// Waits at a channel from now on.
    pub(super) fn wait_at(&self, channel: &str) -> Waiter {
        self.begin();
        let mut channels = self.board.lock();
        let known = channels.get_key_value(channel);
        let name = known.map_or_else(|| channel.into(), |(name, _)| Arc::clone(name));
        let entry = channels.entry(Arc::clone(&name)).or_default();
        entry.waiters += 1;
        entry.deserted = false;
        Waiter {
            board: Arc::downgrade(&self.board),
            channel: name,
            notify: Arc::clone(&entry.notify),
            pause: FIRST,
        }
    }

    /// Starts the task with the first waiter.
    fn begin(&self) {
        let Some(client) = &self.client else {
            return;
        };
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if task.is_none() {
            let listening = listen(client.clone(), Arc::clone(&self.board), self.patience);
            *task = Some(self.runtime.spawn(listening).abort_handle());
        }
    }
}

impl Drop for News {
    fn drop(&mut self) {
        let task = self.task.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = task {
            task.abort();
        }
    }
}

impl Waiter {
    /// What wakes from now on; made before the record is read.
    pub(super) fn ready(&self) -> OwnedNotified {
        Arc::clone(&self.notify).notified_owned()
    }

    /// Waits until there may be news, at most for so long.
    pub(super) async fn wait(&mut self, ready: OwnedNotified, at_most: Duration) {
        let board = self.board.upgrade();
        let stands = board.is_some_and(|board| board.stands(&self.channel));
        let pause = if stands { CHECK } else { self.pause };
        self.pause = if stands { FIRST } else { LAST.min(pause * 2) };
        _ = timeout(pause.min(at_most), ready).await;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if let Some(board) = self.board.upgrade() {
            board.leave(&self.channel);
        }
    }
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Channel>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the server will tell of a channel; if not, it is to be asked to.
    fn stands(&self, channel: &str) -> bool {
        let stands = self.lock().get(channel).is_some_and(|it| it.stands);
        if !stands {
            self.added.notify_one();
        }
        stands
    }

    fn leave(&self, channel: &str) {
        let mut channels = self.lock();
        if let Some(entry) = channels.get_mut(channel) {
            entry.waiters -= 1;
            if entry.waiters == 0 && !entry.stands {
                channels.remove(channel);
            }
        }
    }

    fn tell(&self, channel: &str) {
        if let Some(entry) = self.lock().get(channel) {
            entry.notify.notify_waiters();
        }
    }

    /// Some of the channels that are to be subscribed to.
    fn wanted(&self) -> Vec<Arc<str>> {
        let channels = self.lock();
        let wanted = channels.iter().filter(|(_, channel)| !channel.stands);
        let wanted = wanted.map(|(name, _)| Arc::clone(name));
        wanted.take(AT_ONCE).collect()
    }

    /// The server will tell of these from now on; who waits looks once more.
    fn stand(&self, names: &[Arc<str>]) {
        let mut channels = self.lock();
        for name in names {
            // Whoever waited may have left meanwhile.
            let channel = channels.entry(Arc::clone(name)).or_default();
            channel.stands = true;
            channel.notify.notify_waiters();
        }
    }

    /// Takes out the channels at which nobody has waited since the last time.
    fn sweep(&self) -> Vec<Arc<str>> {
        let mut channels = self.lock();
        let left = |channel: &mut Channel| {
            channel.waiters == 0 && std::mem::replace(&mut channel.deserted, true)
        };
        let swept = channels.extract_if(|_, channel| left(channel));
        swept.map(|(name, _)| name).collect()
    }

    /// Nobody tells of anything any more: who waits has to ask.
    fn fall(&self) {
        let mut channels = self.lock();
        channels.retain(|_, channel| channel.waiters > 0);
        for channel in channels.values_mut() {
            channel.stands = false;
            channel.notify.notify_waiters();
        }
    }
}

/// Keeps a connection on which the server tells of changes.
async fn listen(client: Box<Client>, board: Arc<Board>, patience: Patience) {
    let mut failures = 0;
    loop {
        if let Ok(Ok(connection)) = timeout(patience.answer, client.get_async_pubsub()).await {
            let since = Instant::now();
            let (mut sink, mut stream) = connection.split();
            let reading = async {
                while let Some(message) = stream.next().await {
                    board.tell(message.get_channel_name());
                }
            };
            let keeping = keep(&mut sink, &board, patience);
            _ = select(pin!(reading), pin!(keeping)).await;
            board.fall();
            if since.elapsed() >= LASTING {
                failures = 0;
            }
            tracing::debug!("the connection on which Redis tells of changes broke");
        }
        sleep(pause(failures)).await;
        failures += 1;
    }
}

/// Subscribes to what is wanted and asks for signs of life. Ends when the connection
/// is of no use any more.
async fn keep(sink: &mut PubSubSink, board: &Board, patience: Patience) {
    let mut next = Instant::now() + HEARTBEAT;
    loop {
        let wanted = board.wanted();
        if !wanted.is_empty() {
            let names: Vec<&str> = wanted.iter().map(|name| &**name).collect();
            if !is_done(sink.subscribe(&names[..]), patience).await {
                return;
            }
            board.stand(&wanted);
            continue;
        }
        if timeout_at(next, board.added.notified()).await.is_ok() {
            continue;
        }
        next = Instant::now() + HEARTBEAT;
        if !is_done(sink.ping::<redis::Value>(), patience).await {
            return;
        }
        for swept in board.sweep().chunks(AT_ONCE) {
            let names: Vec<&str> = swept.iter().map(|name| &**name).collect();
            if !is_done(sink.unsubscribe(&names[..]), patience).await {
                return;
            }
        }
    }
}

async fn is_done<T>(call: impl Future<Output = RedisResult<T>>, patience: Patience) -> bool {
    matches!(timeout(patience.answer, call).await, Ok(Ok(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_is_woken_and_leaves_nothing_behind() {
        let news = News::new(&Handle::current(), None, Patience::default());
        let mut waiter = news.wait_at("a");
        let ready = waiter.ready();
        news.board.stand(&["a".into()]);
        waiter.wait(ready, CHECK).await;
        let ready = waiter.ready();
        news.board.tell("a");
        waiter.wait(ready, Duration::MAX).await;
        drop(waiter);
        // It lingers for a while, for it may be waited at again.
        assert!(news.board.sweep().is_empty());
        drop(news.wait_at("a"));
        assert!(news.board.sweep().is_empty());
        assert_eq!(news.board.sweep(), [Arc::<str>::from("a")]);
        assert!(news.board.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_not_told_asks_and_who_is_looks_once_in_a_while() {
        let news = News::new(&Handle::current(), None, Patience::default());
        let mut waiter = news.wait_at("a");
        let mut pauses = Vec::new();
        for stands in [false, false, false, true, false] {
            if stands {
                news.board.stand(&["a".into()]);
            } else {
                news.board.fall();
            }
            let start = Instant::now();
            let ready = waiter.ready();
            waiter.wait(ready, Duration::MAX).await;
            pauses.push(start.elapsed().as_millis());
        }
        assert_eq!(pauses, [25, 50, 100, 5_000, 25]);
        drop(waiter);
        news.board.fall();
        assert!(news.board.lock().is_empty());
    }
}
