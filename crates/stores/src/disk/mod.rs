//! A store on this machine's disk: one [redb] file in a directory of its own.
//!
//! Reads see the last commit and never wait for a writer. Writes go through one thread, which
//! commits what has come together while the last commit was on its way to the disk: an answer means
//! that the value is there after a crash of the process or the machine, and a hundred writers at
//! once do not wait a hundred times. A second process that opens the same directory is refused.
//!
//! Every record has a version, an expiry and a digest over all of it and its key. One that does not
//! fit its digest, or has a version from the future, is put aside, counted and treated as absent. A
//! file that is damaged as a whole is renamed (`….damaged-<time>`) and a fresh one is started. So
//! nothing that lies on the disk keeps a server from starting.
//!
//! Records expire by the clock of the machine as long as that goes forward. When it is set back, time
//! goes on from where it was, also after a restart, so that nothing lives longer than it was given.
//!
//! ```
//! use purlin_core::store::{Key, KeyValue, StoreError};
//! use purlin_stores::Disk;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), StoreError> {
//! # let directory = std::env::temp_dir().join(format!("purlin-doc-{}", std::process::id()));
//! let store = Disk::open(&directory).await?;
//! store.put(Key::new("carts", "1"), "tea".into(), None).await?;
//! drop(store);
//!
//! let again = Disk::open(&directory).await?;
//! assert_eq!(again.get(Key::new("carts", "1")).await?.unwrap().value, "tea");
//! # drop(again); std::fs::remove_dir_all(&directory).unwrap();
//! # Ok(()) }
//! ```
//!
//! [redb]: https://docs.rs/redb

mod clock;
mod engine;
mod fault;
mod record;
mod store;
mod tables;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use purlin_core::store::{StoreError, StoreErrorKind, StoreResult};
use tokio::sync::Semaphore;

use clock::Wall;
use engine::Engine;
use writer::Writer;

/// How many reads are at the disk at a time; more wait.
const READERS: usize = 16;

/// A store in a directory of this machine. Cheap to clone.
///
/// Dropping the last clone lets the writer finish what was handed to it and closes the file.
#[derive(Debug, Clone)]
pub struct Disk {
    engine: Arc<Engine>,
    writer: Arc<Writer>,
    readers: Arc<Semaphore>,
}

/// How a [`Disk`] store is opened.
#[derive(Debug, Clone)]
#[must_use]
pub struct DiskBuilder {
    directory: PathBuf,
    max_bytes: u64,
    cache_bytes: usize,
    wall: Wall,
}

/// What a [`Disk`] store has met since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// Records that were put aside.
    pub records: u64,
    /// Files that were put aside.
    pub files: u64,
}

impl Disk {
    /// Opens the store in `directory`, which is made with mode 0700 if it is not there.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] when the directory cannot be used, or another process has it
    /// open.
    pub async fn open(directory: impl AsRef<Path>) -> StoreResult<Self> {
        Self::builder(directory).open().await
    }

    /// More to say about the store in `directory`.
    pub fn builder(directory: impl AsRef<Path>) -> DiskBuilder {
        DiskBuilder {
            directory: directory.as_ref().to_owned(),
            max_bytes: 1 << 30,
            cache_bytes: 16 << 20,
            wall: Wall::default(),
        }
    }

    /// What was found damaged and put aside since it was opened.
    pub fn damage(&self) -> Damage {
        self.engine.damage()
    }
}

impl DiskBuilder {
    /// The most bytes of keys and values it holds; above it writes fail with
    /// [`StoreErrorKind::Quota`]. 1 GiB unless said otherwise. The file may be about twice as large.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How much of the file is kept in memory; 16 MiB unless said otherwise.
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        self.cache_bytes = bytes;
        self
    }

    /// Opens it. The whole file is checked, which takes about a second for each GiB.
    ///
    /// # Errors
    /// As [`Disk::open`].
    pub async fn open(self) -> StoreResult<Disk> {
        let opened = tokio::task::spawn_blocking(move || {
            let Self {
                directory,
                max_bytes,
                cache_bytes,
                wall,
            } = self;
            let engine = Engine::open(&directory, max_bytes, cache_bytes, wall)?;
            let engine = Arc::new(engine);
            let writer = Writer::start(Arc::clone(&engine))?;
            Ok(Disk {
                engine,
                writer: Arc::new(writer),
                readers: Arc::new(Semaphore::new(READERS)),
            })
        });
        opened.await.unwrap_or_else(|ended| {
            let text = "opening the store was stopped";
            Err(StoreError::new(StoreErrorKind::Unavailable, text).with_source(ended))
        })
    }
}
