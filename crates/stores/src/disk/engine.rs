//! The file: opening it, reading from it, writing to it, and putting it aside when it is damaged.

use std::{
    fs::{self, OpenOptions},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use purlin_core::store::{StoreError, StoreErrorKind, StoreResult};
use redb::{Database, DatabaseError, ReadTransaction, ReadableDatabase};

use super::{
    Damage,
    clock::{Clock, Wall},
    fault::Fault,
    tables::{RECORDS, Step, Tables},
};

const FILE: &str = "purlin.redb";
/// How often, and how long in between, a file is tried that somebody has open.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// The open file, or none while it cannot be opened.
#[derive(Debug)]
pub(super) struct Engine {
    file: PathBuf,
    max_bytes: u64,
    cache_bytes: usize,
    clock: Clock,
    /// Reading transactions end before their guard is given back, so who holds it for writing holds
    /// the only handle on the file.
    database: RwLock<Option<Database>>,
    damaged_records: AtomicU64,
    damaged_files: AtomicU64,
}

/// Why a file could not be opened.
enum Closed {
    /// It is no good.
    Damaged,
    Other(StoreError),
}

impl Engine {
    pub(super) fn open(
        directory: &Path,
        max_bytes: u64,
        cache_bytes: usize,
        wall: Wall,
    ) -> StoreResult<Self> {
        make_private(directory).map_err(|error| {
            let text = "the directory of the store cannot be made";
            StoreError::new(StoreErrorKind::Unavailable, text).with_source(error)
        })?;
        let engine = Self {
            file: directory.join(FILE),
            max_bytes,
            cache_bytes,
            clock: Clock::new(wall),
            database: RwLock::new(None),
            damaged_records: AtomicU64::new(0),
            damaged_files: AtomicU64::new(0),
        };
        engine.reopen(true)?;
        Ok(engine)
    }

    pub(super) fn damage(&self) -> Damage {
        Damage {
            records: self.damaged_records.load(Relaxed),
            files: self.damaged_files.load(Relaxed),
        }
    }

    /// The time by which records expire.
    pub(super) fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Closes the file and opens it again, or a fresh one when it is no good. With `check`, all of
    /// it is read first.
    pub(super) fn reopen(&self, check: bool) -> StoreResult<()> {
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let old = database.take();
        // Closing a file that is no good may fail in the same ways as reading it.
        _ = catch_unwind(AssertUnwindSafe(|| drop(old)));
        let opened = match self.open_file(check) {
            Err(Closed::Damaged) => {
                self.put_aside()?;
                self.open_file(check)
            }
            opened => opened,
        };
        match opened {
            Ok(opened) => {
                *database = Some(opened);
                Ok(())
            }
            Err(Closed::Other(error)) => Err(error),
            Err(Closed::Damaged) => Err(Fault::Damaged.into()),
        }
    }

    fn open_file(&self, check: bool) -> Result<Database, Closed> {
        let io = |error| {
            let text = "the file of the store cannot be opened";
            Closed::Other(StoreError::new(StoreErrorKind::Unavailable, text).with_source(error))
        };
        touch(&self.file).map_err(io)?;
        let open = || {
            Database::builder()
                .set_cache_size(self.cache_bytes)
                .set_check_integrity_on_open(check)
                .create(&self.file)
        };
        let mut attempts = 0;
        let opened = loop {
            attempts += 1;
            match catch_unwind(AssertUnwindSafe(open)) {
                // Who had it open may be about to close it.
                Ok(Err(DatabaseError::DatabaseAlreadyOpen)) if attempts < ATTEMPTS => {
                    std::thread::sleep(PAUSE);
                }
                opened => break opened,
            }
        };
        let database = match opened {
            Ok(Ok(database)) => database,
            Ok(Err(DatabaseError::DatabaseAlreadyOpen)) => {
                let text = "another process has the store open";
                let error = StoreError::new(StoreErrorKind::Unavailable, text);
                return Err(Closed::Other(error));
            }
            Ok(Err(error)) => return Err(Closed::of(error.into())),
            Err(_) => return Err(Closed::Damaged),
        };
        // The tables are made here, so that readers find them.
        let made = write(&database, self.max_bytes, &self.clock, |_| Ok(()));
        made.map_err(Closed::of).map(|_| database)
    }

    /// Gives the file another name, under which somebody may look at it.
    fn put_aside(&self) -> StoreResult<()> {
        self.damaged_files.fetch_add(1, Relaxed);
        let mut name = self.file.clone().into_os_string();
        name.push(format!(".damaged-{}", self.now()));
        tracing::error!(
            "the file of the store is damaged: it is put aside and a fresh one started"
        );
        fs::rename(&self.file, name).map_err(|error| {
            let text = "the damaged file of the store cannot be put aside";
            StoreError::new(StoreErrorKind::Unavailable, text).with_source(error)
        })
    }

    /// Reads. `None` while the file is not open.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Step<T>,
    ) -> Option<Step<T>> {
        let guard = self.lock();
        let database = guard.as_ref()?;
        let read = || {
            let transaction = database.begin_read()?;
            read(&transaction)
        };
        Some(catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(Fault::Damaged)))
    }

    /// Writes in one transaction. `None` while the file is not open.
    pub(super) fn write(&self, act: impl FnOnce(&mut Tables<'_>) -> Step<()>) -> Option<Step<()>> {
        let guard = self.lock();
        let database = guard.as_ref()?;
        let write = || write(database, self.max_bytes, &self.clock, act);
        let written = catch_unwind(AssertUnwindSafe(write)).unwrap_or(Err(Fault::Damaged));
        Some(written.map(|put_aside| {
            if put_aside > 0 {
                self.damaged_records.fetch_add(put_aside, Relaxed);
                tracing::error!(put_aside, "damaged records were put aside");
            }
        }))
    }

    fn lock(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Closed {
    fn of(fault: Fault) -> Self {
        match fault {
            Fault::Damaged => Self::Damaged,
            fault => Self::Other(fault.into()),
        }
    }
}

/// One transaction; gives how many records it put aside.
fn write(
    database: &Database,
    max_bytes: u64,
    clock: &Clock,
    act: impl FnOnce(&mut Tables<'_>) -> Step<()>,
) -> Step<u64> {
    let transaction = database.begin_write()?;
    let put_aside = {
        let mut tables = Tables::open(&transaction, max_bytes, clock)?;
        act(&mut tables)?;
        tables.clear()?;
        tables.put_aside
    };
    transaction.commit()?;
    Ok(put_aside)
}

/// The bytes of a record, whatever they are.
pub(super) fn find(transaction: &ReadTransaction, name: &[u8]) -> Step<Option<Vec<u8>>> {
    let records = transaction.open_table(RECORDS)?;
    let found = records.get(name)?;
    Ok(found.map(|found| found.value().to_vec()))
}

fn make_private(directory: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    #[cfg(unix)]
    {
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(directory, private)?;
    }
    Ok(())
}

/// Makes the file for its owner alone, unless it is there.
fn touch(file: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}
