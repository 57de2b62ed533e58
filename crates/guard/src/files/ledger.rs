//! How much there is below a root, and how much is on its way there.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::Bound;
use super::{FileError, Quota, Usage};

/// How often everything is counted anew before a quota is said to be used up.
const PAUSE: Duration = Duration::from_secs(1);

/// What is counted of a root. Names are made and taken away under its lock, so that the count is
/// what there is, as far as this process goes.
#[derive(Debug)]
pub(super) struct Ledger {
    quota: Quota,
    books: Mutex<Books>,
}

#[derive(Debug, Default)]
pub(super) struct Books {
    /// What there is.
    there: Usage,
    /// What operations that run may add to it.
    promised: Usage,
    /// Names of files that are being written, which no count may see.
    pending: HashSet<String>,
    /// When everything was counted because there was no room.
    counted: Option<Instant>,
    /// Whether counting ended early, because there was too much.
    overfull: bool,
}

/// Room that is kept for an operation until it is done, or given up.
#[derive(Debug)]
pub(super) struct Promise<'a> {
    ledger: &'a Ledger,
    room: Usage,
}

/// What was found by counting.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) usage: Usage,
    /// Whether there is more.
    pub(super) more: bool,
}

impl Ledger {
    pub(super) fn new(quota: Quota) -> Self {
        Self {
            quota,
            books: Mutex::default(),
        }
    }

    pub(super) fn quota(&self) -> &Quota {
        &self.quota
    }

    /// The books, which nobody else changes meanwhile.
    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn usage(&self) -> Usage {
        self.books().there
    }

    /// Keeps room for so much more, if there is.
    pub(super) fn promise(&self, room: Usage) -> Result<Promise<'_>, FileError> {
        let mut books = self.books();
        books.fits(&self.quota, room)?;
        books.promised.add(room);
        Ok(Promise { ledger: self, room })
    }

    /// Counts everything, unless that was done a moment ago; whether it was done.
    pub(super) fn refresh(
        &self,
        count: impl FnOnce(&HashSet<String>) -> Result<Count, FileError>,
    ) -> Result<bool, FileError> {
        let mut books = self.books();
        let recent = books.counted.is_some_and(|then| then.elapsed() < PAUSE);
        if !recent {
            books.count(count)?;
            books.counted = Some(Instant::now());
        }
        Ok(!recent)
    }
}

impl Books {
    /// Counts everything.
    pub(super) fn count(
        &mut self,
        count: impl FnOnce(&HashSet<String>) -> Result<Count, FileError>,
    ) -> Result<(), FileError> {
        let found = count(&self.pending)?;
        self.there = found.usage;
        self.overfull = found.more;
        Ok(())
    }

    /// That there is room for so much more.
    pub(super) fn fits(&self, quota: &Quota, room: Usage) -> Result<(), FileError> {
        let sum = |there: u64, promised: u64, more: u64| {
            there.saturating_add(promised).saturating_add(more)
        };
        let files = sum(self.there.files, self.promised.files, room.files);
        let bytes = sum(self.there.bytes, self.promised.bytes, room.bytes);
        if room.files > 0 && (self.overfull || files > quota.files) {
            return Err(FileError::Quota(Bound::Files));
        }
        if room.bytes > 0 && (self.overfull || bytes > quota.bytes) {
            return Err(FileError::Quota(Bound::Bytes));
        }
        Ok(())
    }

    pub(super) fn came(&mut self, usage: Usage) {
        self.there.add(usage);
    }

    pub(super) fn went(&mut self, usage: Usage) {
        self.there.take(usage);
    }

    pub(super) fn pending(&mut self) -> &mut HashSet<String> {
        &mut self.pending
    }
}

impl Promise<'_> {
    /// The books, with the room that was kept free again; to be used at once.
    pub(super) fn redeem(&mut self) -> MutexGuard<'_, Books> {
        let mut books = self.ledger.books();
        books.promised.take(self.room);
        self.room = Usage::default();
        books
    }
}

impl Drop for Promise<'_> {
    fn drop(&mut self) {
        if self.room != Usage::default() {
            self.ledger.books().promised.take(self.room);
        }
    }
}

impl Usage {
    /// One name, of so many bytes.
    pub(super) fn one(bytes: u64) -> Self {
        Self { bytes, files: 1 }
    }

    pub(super) fn bytes(bytes: u64) -> Self {
        Self { bytes, files: 0 }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.files = self.files.saturating_add(other.files);
    }

    fn take(&mut self, other: Self) {
        self.bytes = self.bytes.saturating_sub(other.bytes);
        self.files = self.files.saturating_sub(other.files);
    }
}
