//! The sign of life of a replica.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use purlin_core::store::{Key, KeyValue, StoreResult};
use tokio::{sync::OnceCell, task::JoinSet, time::sleep};

const REPLICAS: &str = "mcp.replicas";
/// How long a replica counts as alive after its last sign.
pub(super) const LEASE: Duration = Duration::from_secs(10);
/// How often it gives one: a few may fail before it counts as dead.
const SIGN: Duration = Duration::from_millis(2_500);

/// The name of this replica, and the task that says that it lives. The task
/// begins when the first stream is shared and ends with the lease.
#[derive(Debug)]
pub(super) struct Lease {
    store: Arc<dyn KeyValue>,
    name: String,
    begun: OnceCell<()>,
    task: Mutex<JoinSet<()>>,
}

impl Lease {
    pub(super) fn new(store: Arc<dyn KeyValue>) -> Self {
        let mut random = [0; 16];
        purlin_core::__private::fill_random(&mut random);
        Self {
            store,
            name: format!("{:032x}", u128::from_ne_bytes(random)),
            begun: OnceCell::new(),
            task: Mutex::default(),
        }
    }

    /// The name under which this replica owns streams.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The same, once others can see that it lives, unless the store is not
    /// there.
    pub(super) async fn living(&self) -> &str {
        let begin = async {
            if let Err(error) = sign(&*self.store, &self.name).await {
                super::note(&error);
            }
            let (store, name) = (Arc::clone(&self.store), self.name.clone());
            let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
            task.spawn(keep_signing(store, name));
        };
        self.begun.get_or_init(|| begin).await;
        &self.name
    }

    /// Whether a replica counts as alive.
    pub(super) async fn lives(&self, name: &str) -> StoreResult<bool> {
        let found = self.store.get(Key::new(REPLICAS, name)).await?;
        Ok(found.is_some())
    }

    pub(super) async fn give_up(&self) {
        let task = std::mem::take(&mut *self.task.lock().unwrap_or_else(PoisonError::into_inner));
        drop(task);
        // If this fails, the lease runs out.
        let _ = self.store.delete(Key::new(REPLICAS, &self.name)).await;
    }
}

async fn sign(store: &dyn KeyValue, name: &str) -> StoreResult<()> {
    let at = Key::new(REPLICAS, name);
    store.put(at, Bytes::from_static(b"1"), Some(LEASE)).await
}

async fn keep_signing(store: Arc<dyn KeyValue>, name: String) {
    loop {
        sleep(SIGN).await;
        if let Err(error) = sign(&*store, &name).await {
            super::note(&error);
        }
    }
}
