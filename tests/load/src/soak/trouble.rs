//! What happens to the network between the server and its Redis, and to Redis
//! itself; and since when nothing has.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    proxy::{Proxy, Weather},
    redis::Redis,
};
use crate::Result;

/// How long after an outage it may still be felt.
pub(super) const RECOVERY: Duration = Duration::from_secs(5);

/// Seconds without trouble, and seconds of it.
const FINE: usize = 6;
const BAD: usize = 3;

/// One after another.
const ALL: [Trouble; 6] = [
    Trouble::Network(Weather::Slow(Duration::from_millis(100))),
    Trouble::Killed,
    Trouble::Network(Weather::Corrupt(200)),
    Trouble::Network(Weather::HalfOpen),
    Trouble::Network(Weather::Cut),
    Trouble::Network(Weather::Slow(Duration::from_secs(60))),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Network(Weather),
    /// Redis is killed, and started again at the end of it.
    Killed,
}

/// What has happened, for who judges an answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Record(Arc<Mutex<Past>>);

#[derive(Debug, Clone, Copy, Default)]
struct Past {
    is_bad: bool,
    /// When the last trouble ended.
    ended: Option<Instant>,
    /// Whether bytes are changed, and when that last ended.
    corrupts: bool,
    corrupted: Option<Instant>,
}

impl Record {
    fn change(&self, change: impl FnOnce(&mut Past)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn past(&self) -> Past {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether something that began then may have met an outage.
    pub(super) fn explains(&self, begun: Instant) -> bool {
        let past = self.past();
        past.is_bad || past.ended.is_some_and(|ended| ended + RECOVERY >= begun)
    }

    /// Whether something that began then may have met changed bytes.
    pub(super) fn corrupts(&self, begun: Instant) -> bool {
        let past = self.past();
        past.corrupts
            || past
                .corrupted
                .is_some_and(|ended| ended + RECOVERY >= begun)
    }
}

/// Redis behind its network.
pub(super) struct Store {
    redis: Redis,
    network: Proxy,
    record: Record,
    seconds: usize,
}

impl Store {
    pub(super) async fn start(program: &Path) -> Result<Self> {
        let redis = Redis::start(program).await?;
        let network = Proxy::before(redis.address()).await;
        Ok(Self {
            redis,
            network,
            record: Record::default(),
            seconds: 0,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("redis://{}/", self.network.address())
    }

    pub(super) fn record(&self) -> Record {
        self.record.clone()
    }

    /// A second has passed. Whether it was the last one of some trouble.
    pub(super) async fn turn(&mut self) -> Result<bool> {
        self.seconds += 1;
        let (round, second) = (self.seconds / (FINE + BAD), self.seconds % (FINE + BAD));
        match second {
            FINE => self.begin(ALL[round % ALL.len()]).await?,
            0 => self.end().await?,
            _ => {}
        }
        Ok(second == 0)
    }

    async fn begin(&mut self, trouble: Trouble) -> Result<()> {
        let corrupts = matches!(trouble, Trouble::Network(Weather::Corrupt(_)));
        self.record.change(|past| {
            past.is_bad = true;
            past.corrupts = corrupts;
        });
        match trouble {
            Trouble::Network(weather) => self.network.set(weather),
            Trouble::Killed => self.redis.kill().await?,
        }
        Ok(())
    }

    /// Nothing is wrong any more.
    pub(super) async fn end(&mut self) -> Result<()> {
        self.redis.ensure().await?;
        self.network.set(Weather::Fine);
        self.record.change(|past| {
            let now = Some(Instant::now());
            if std::mem::take(&mut past.is_bad) {
                past.ended = now;
            }
            if std::mem::take(&mut past.corrupts) {
                past.corrupted = now;
            }
        });
        Ok(())
    }
}
