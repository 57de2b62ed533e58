use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::*;
use crate::{
    BoxFuture,
    middleware::{Hooks, Middleware},
    registry::Listener,
    store::{MemoryStore, StoreError, StoreErrorKind, StoreResult, Stored},
};

/// A store that can be away.
#[derive(Debug, Default)]
struct Moody {
    store: MemoryStore,
    away: AtomicBool,
}

impl Moody {
    fn check_in(&self) -> StoreResult<&MemoryStore> {
        if self.away.load(Ordering::Acquire) {
            let text = "the store is away";
            return Err(StoreError::new(StoreErrorKind::Unavailable, text));
        }
        Ok(&self.store)
    }
}

impl KeyValue for Moody {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(async move { self.check_in()?.get(at).await })
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move { self.check_in()?.put(at, value, ttl).await })
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(async move { self.check_in()?.delete(at).await })
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        Box::pin(async move { self.check_in()?.take(at).await })
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(async move {
            let store = self.check_in()?;
            store.compare_and_set(at, expected, new, ttl).await
        })
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        Box::pin(async move { self.check_in()?.add(at, by, ttl).await })
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        Box::pin(async move { self.check_in()?.check().await })
    }
}

/// A client of one replica: what it is told.
struct Ear(mpsc::UnboundedSender<Change>);

impl Listener for Ear {
    fn notify(&self, change: &Change, _: Reach) {
        self.0.send(change.clone()).unwrap();
    }
}

struct Replica {
    server: Server,
    _ear: Arc<Ear>,
    told: mpsc::UnboundedReceiver<Change>,
}

impl Replica {
    async fn new(store: &Arc<Moody>) -> Self {
        Self::of(Server::builder("shop", "1.0.0"), store).await
    }

    async fn of(server: Server, store: &Arc<Moody>) -> Self {
        let shared: Arc<dyn KeyValue> = Arc::<Moody>::clone(store);
        let server = server.with_store(shared);
        server.share_changes();
        server.changes_heard().await;
        let (sender, told) = mpsc::unbounded_channel();
        let ear = Arc::new(Ear(sender));
        let weak: std::sync::Weak<Ear> = Arc::downgrade(&ear);
        server.bus().join(weak);
        Self {
            server,
            _ear: ear,
            told,
        }
    }

    async fn hears(&mut self, expected: &[Change]) {
        for expected in expected {
            assert_eq!(self.told.recv().await.as_ref(), Some(expected));
        }
    }

    /// Whether nothing was told but what was heard so far: a mark that is told
    /// next is the next thing heard.
    async fn hears_no_more(&mut self, by: &Server) {
        by.notify_resource_updated("mark://");
        self.hears(&[resource("mark://")]).await;
    }
}

fn resource(uri: &str) -> Change {
    Change::Resource(uri.to_owned())
}

#[tokio::test(start_paused = true)]
async fn the_clients_of_all_replicas_hear_a_change_once() {
    let store = Arc::new(Moody::default());
    let (mut one, mut two) = (Replica::new(&store).await, Replica::new(&store).await);
    one.server.notify_tools_changed();
    two.hears(&[Change::Tools]).await;
    two.server.notify_resource_updated("a://b");
    let all = [Change::Tools, resource("a://b")];
    one.hears(&all).await;
    two.hears(&all[1..]).await;
    one.hears_no_more(&two.server).await;
    two.hears_no_more(&one.server).await;
}

#[tokio::test(start_paused = true)]
async fn who_comes_later_hears_nothing_of_before() {
    let store = Arc::new(Moody::default());
    let mut one = Replica::new(&store).await;
    one.server.notify_tools_changed();
    one.hears(&[Change::Tools]).await;
    let mut late = Replica::new(&store).await;
    late.hears_no_more(&one.server).await;
}

#[tokio::test(start_paused = true)]
async fn what_every_replica_hears_by_itself_is_told_here_alone() {
    let store = Arc::new(Moody::default());
    let (mut one, mut two) = (Replica::new(&store).await, Replica::new(&store).await);
    let remote = Server::builder("remote", "1.0.0").local_changes();
    one.server.mount("far", &remote).unwrap();
    one.hears(&Change::LISTS).await;
    two.hears(&Change::LISTS).await;
    remote.notify_resource_updated("a://b");
    one.hears(&[resource("a://far/b")]).await;
    two.hears_no_more(&one.server).await;
}

#[tokio::test(start_paused = true)]
async fn without_the_store_clients_here_hear_at_once_and_others_later() {
    let store = Arc::new(Moody::default());
    let (mut one, mut two) = (Replica::new(&store).await, Replica::new(&store).await);
    store.away.store(true, Ordering::Release);
    one.server.notify_tools_changed();
    one.hears(&[Change::Tools]).await;
    one.server.notify_prompts_changed();
    one.hears(&[Change::Prompts]).await;
    store.away.store(false, Ordering::Release);
    two.hears(&[Change::Tools, Change::Prompts]).await;
    one.hears_no_more(&two.server).await;
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_begins_without_the_store_announces_everything_then() {
    let store = Arc::new(Moody::default());
    store.away.store(true, Ordering::Release);
    let mut one = Replica::new(&store).await;
    store.away.store(false, Ordering::Release);
    one.hears(&[Change::Anything]).await;
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_fell_behind_announces_everything() {
    let store = Arc::new(Moody::default());
    let mut one = Replica::new(&store).await;
    let at = Key::new(COLLECTION, "shop");
    // In one step, as far as the replica can see.
    let mut ring = Ring::new();
    let write = |ring: &Ring| store.store.put(at, ring.encode().unwrap(), None);
    ring.push(ring::Told::new("other", 0, &Change::Tools));
    write(&ring).await.unwrap();
    one.hears(&[Change::Tools]).await;
    for count in 1..=MAX_CHANGES as u64 + 1 {
        ring.push(ring::Told::new("other", count, &Change::Prompts));
    }
    write(&ring).await.unwrap();
    one.hears(&[Change::Anything]).await;
    // The record is lost, and another one begins.
    store.store.delete(at).await.unwrap();
    one.hears(&[Change::Anything]).await;
    one.hears_no_more(&one.server.clone()).await;
}

#[tokio::test(start_paused = true)]
async fn more_changes_than_are_queued_become_one_of_anything() {
    let store = Arc::new(Moody::default());
    let (mut one, mut two) = (Replica::new(&store).await, Replica::new(&store).await);
    let uri = |n: usize| format!("a://{n}");
    // Nothing is written before this task waits.
    for n in 0..=MAX_CHANGES {
        one.server.notify_resource_updated(uri(n));
    }
    one.hears(&[Change::Anything]).await;
    two.hears(&[Change::Anything]).await;
}

#[tokio::test(start_paused = true)]
async fn what_caches_know_of_a_change_elsewhere_is_forgotten_in_mounts_too() {
    struct Forgets(mpsc::UnboundedSender<Change>);
    impl Middleware for Forgets {
        fn hooks(&self) -> Hooks {
            Hooks::RESOURCE_READ
        }
        fn changed(&self, change: &Change) {
            self.0.send(change.clone()).unwrap();
        }
    }
    let store = Arc::new(Moody::default());
    let (sender, mut forgotten) = mpsc::unbounded_channel();
    let child = Server::builder("child", "1.0.0").middleware(Forgets(sender));
    let parent = Server::builder("shop", "1.0.0").with("inner", child);
    let mut one = Replica::of(parent, &store).await;
    let two = Replica::new(&store).await;
    two.server.notify_resource_updated("a://inner/b");
    one.hears(&[resource("a://inner/b")]).await;
    assert_eq!(forgotten.recv().await, Some(resource("a://b")));
    two.server.notify_resource_updated("a://other/b");
    one.hears(&[resource("a://other/b")]).await;
    assert!(forgotten.try_recv().is_err());
}

#[test]
fn a_change_without_a_runtime_is_told_at_once() {
    let server = Server::builder("shop", "1.0.0");
    server.share_changes();
    let (sender, mut told) = mpsc::unbounded_channel();
    let ear = Arc::new(Ear(sender));
    let weak: std::sync::Weak<Ear> = Arc::downgrade(&ear);
    server.bus().join(weak);
    server.notify_tools_changed();
    assert_eq!(told.try_recv(), Ok(Change::Tools));
}

#[tokio::test]
async fn the_task_ends_with_the_server() {
    let store = Arc::new(Moody::default());
    let one = Replica::new(&store).await;
    let sharing = Arc::clone(one.server.0.sharing.get().unwrap());
    let task = sharing.task.lock().unwrap().clone().unwrap();
    drop(one);
    while !task.is_finished() {
        tokio::task::yield_now().await;
    }
}
