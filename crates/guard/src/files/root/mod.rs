//! What is done below a root, on a thread that may block.

mod draft;
mod glob;
mod list;
mod make;
mod remove;
mod scan;
mod write;

use super::directory::Directory;
use super::ledger::{Ledger, Promise};
use super::object::Object;
use super::pool::{Pool, Stop};
use super::resolve::Way;
use super::tenants::Tenants;
use super::{FileError, Limits, Quota, RelativePath, Stat, Usage};

pub(super) use draft::{is_draft, random};
pub(super) use glob::Pattern;
pub(super) use write::Place;

/// How deep directories may lie in each other. Paths are shorter; what others made may be deeper.
pub(super) const DEPTH: usize = 160;

/// A root: a directory that is open, and what is known of what is below.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) directory: Directory,
    pub(super) way: Way,
    pub(super) ledger: Ledger,
    pub(super) pool: Pool,
    pub(super) limits: Limits,
    pub(super) read_only: bool,
    pub(super) tenants: Tenants,
}

impl Root {
    pub(super) fn quota(&self) -> &Quota {
        self.ledger.quota()
    }

    /// The directory at a path, links followed.
    pub(super) fn open(&self, path: &str) -> Result<Directory, FileError> {
        self.way.directory(&self.directory, path)
    }

    /// What is at a path, links followed.
    fn object(&self, path: &RelativePath) -> Result<Object, FileError> {
        self.way.object(&self.directory, path.as_str())
    }

    pub(super) fn stat(&self, path: &RelativePath) -> Result<Stat, FileError> {
        Ok(self.object(path)?.stat())
    }

    pub(super) fn read(&self, path: &RelativePath) -> Result<Vec<u8>, FileError> {
        self.object(path)?.read(self.quota().file_size)
    }

    fn writable(&self) -> Result<(), FileError> {
        match self.read_only {
            true => Err(FileError::Denied),
            false => Ok(()),
        }
    }

    /// Keeps room for so much more. Before there is said to be none, everything is counted.
    fn promise(&self, room: Usage) -> Result<Promise<'_>, FileError> {
        match self.ledger.promise(room) {
            Err(FileError::Quota(_)) if self.refresh()? => self.ledger.promise(room),
            result => result,
        }
    }

    fn refresh(&self) -> Result<bool, FileError> {
        self.ledger.refresh(|pending| self.count(pending))
    }

    pub(super) fn recount(&self, stop: &Stop) -> Result<Usage, FileError> {
        stop.check()?;
        let mut books = self.ledger.books();
        books.count(|pending| self.count(pending))?;
        drop(books);
        Ok(self.ledger.usage())
    }
}
