//! How many processes count together, as each finds out by itself.
//!
//! Every process writes a number into one record of the store, a higher one each time. A
//! process whose number has not risen for a while by the clock of the one that looks is
//! not counted, and is struck off. No two clocks are compared.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{
    runtime::Handle,
    task::AbortHandle,
    time::{Instant, sleep},
};

use crate::{
    server::random_id,
    store::{Collection, KeyValue, StoreResult},
};

/// The key of the record; no key of a limit looks like it.
const KEY: &str = "replicas";
/// How often a process writes.
const SIGN: Duration = Duration::from_millis(2_500);
/// How long it counts without.
const LEASE: Duration = Duration::from_secs(10);
/// How long the record outlives the last process.
const KEPT: Duration = Duration::from_secs(60);
/// How many processes one record has at most. Those beyond it are counted neither by themselves nor
/// by others: all together then let through a little more while the store is away.
const MOST: usize = 1_024;

type Signs = BTreeMap<String, u64>;

/// The processes that were last seen.
pub(super) struct Roster {
    signs: Collection<Signs>,
    name: String,
    seen: AtomicU32,
    task: Mutex<Option<AbortHandle>>,
}

impl fmt::Debug for Roster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roster")
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

impl Roster {
    pub(super) fn new(store: Arc<dyn KeyValue>, collection: &str) -> Self {
        Self {
            signs: Collection::new(store, collection).with_ttl(KEPT),
            name: random_id(),
            seen: AtomicU32::new(0),
            task: Mutex::default(),
        }
    }

    /// How many there were when the store was last there; 0 before.
    pub(super) fn seen(&self) -> u32 {
        self.seen.load(Ordering::Relaxed)
    }

    /// Begins to give signs, unless it does or there is no runtime. The task ends
    /// with the roster.
    pub(super) fn begin(self: &Arc<Self>) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if task.as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let roster = Arc::downgrade(self);
        let signing = async move {
            let mut known = Known::default();
            while let Some(roster) = roster.upgrade() {
                if let Err(error) = roster.sign(&mut known).await {
                    tracing::debug!(%error, "processes that share limits are not counted");
                }
                drop(roster);
                sleep(SIGN).await;
            }
        };
        *task = Some(runtime.spawn(signing).abort_handle());
    }

    async fn sign(&self, known: &mut Known) -> StoreResult<()> {
        let found = self.signs.get(KEY).await?.unwrap_or_default();
        let silent = known.silent(found);
        let signed = self.signs.update(KEY, |signs| {
            let mut signs = signs.unwrap_or_default();
            signs.retain(|name, sign| silent.get(name) != Some(sign));
            // Whoever is in the record stays in it as long as it gives signs, however full it is.
            if let Some(own) = signs.get_mut(&self.name) {
                *own += 1;
            } else if signs.len() < MOST {
                signs.insert(self.name.clone(), 1);
            }
            Some(signs)
        });
        let signed = signed.await?.map_or(1, |signs| signs.len());
        let seen = u32::try_from(signed).unwrap_or(u32::MAX);
        self.seen.store(seen.max(1), Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Roster {
    fn drop(&mut self) {
        let task = self.task.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = task {
            task.abort();
        }
    }
}

/// What was seen of other processes, and since when it is the same.
#[derive(Default)]
struct Known(BTreeMap<String, (u64, Instant)>);

impl Known {
    /// Takes note of signs, and gives those that have stood for too long.
    fn silent(&mut self, signs: Signs) -> Signs {
        let now = Instant::now();
        self.0.retain(|name, _| signs.contains_key(name));
        let mut silent = Signs::new();
        for (name, sign) in signs {
            let (last, since) = self.0.entry(name.clone()).or_insert((sign, now));
            if *last != sign {
                (*last, *since) = (sign, now);
            }
            if since.elapsed() > LEASE {
                silent.insert(name, sign);
            }
        }
        silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    async fn until(roster: &Roster, count: u32) {
        while roster.seen() != count {
            sleep(SIGN).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_record_keeps_who_gives_signs() {
        let store: Arc<dyn KeyValue> = Arc::new(MemoryStore::new());
        let roster = || Roster::new(Arc::clone(&store), "limits");
        let (inside, outside) = (roster(), roster());
        let mut known = Known::default();
        inside.sign(&mut known).await.unwrap();
        let record = Collection::<Signs>::new(Arc::clone(&store), "limits");
        let fill = |signs: Option<Signs>| {
            let mut signs = signs.unwrap();
            signs.extend((1..MOST).map(|number| (number.to_string(), 1)));
            Some(signs)
        };
        record.update(KEY, fill).await.unwrap();
        for sign in 2..5 {
            inside.sign(&mut known).await.unwrap();
            outside.sign(&mut Known::default()).await.unwrap();
            let signs = record.get(KEY).await.unwrap().unwrap();
            assert_eq!((signs.len(), signs[&inside.name]), (MOST, sign));
        }
        assert_eq!(inside.seen() as usize, MOST);
        assert_eq!(outside.seen() as usize, MOST);
    }

    #[tokio::test(start_paused = true)]
    async fn processes_are_counted_while_they_live() {
        let store: Arc<dyn KeyValue> = Arc::new(MemoryStore::new());
        let roster = || Arc::new(Roster::new(Arc::clone(&store), "limits"));
        let (one, two, three) = (roster(), roster(), roster());
        assert_eq!(one.seen(), 0);
        for roster in [&one, &two, &three] {
            roster.begin();
            roster.begin();
        }
        for roster in [&one, &two, &three] {
            until(roster, 3).await;
        }
        let died = Instant::now();
        drop(two);
        until(&one, 2).await;
        until(&three, 2).await;
        assert!(died.elapsed() >= LEASE - SIGN);
        drop(three);
        until(&one, 1).await;
    }
}
