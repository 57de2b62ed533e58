//! Names that are taken away.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};

use cap_std::fs::Metadata;

use super::{DEPTH, Root};
use crate::files::directory::{Directory, is_same};
use crate::files::pool::Stop;
use crate::files::{FileError, RETRIES, RelativePath, Usage};

/// How many names of a directory are read at once.
const BATCH: usize = 1_000;

impl Root {
    /// Removes a file, a link or an empty directory.
    pub(in super::super) fn remove(
        &self,
        path: &RelativePath,
        stop: &Stop,
    ) -> Result<(), FileError> {
        self.writable()?;
        let (parent, name) = path.split()?;
        let directory = self.open(parent)?;
        self.take(&directory, OsStr::new(name), stop)?;
        self.forget(&directory, name);
        Ok(())
    }

    /// Removes a file, a link, or a directory with all that is in it.
    pub(in super::super) fn remove_all(
        &self,
        path: &RelativePath,
        stop: &Stop,
    ) -> Result<(), FileError> {
        self.writable()?;
        let (parent, name) = path.split()?;
        let directory = self.open(parent)?;
        self.clear(&directory, OsStr::new(name), 0, stop)?;
        self.forget(&directory, name);
        Ok(())
    }

    /// Knows no root of a tenant any more whose directory has gone: there may be a new one. What
    /// the tenant wrote was not counted here as it came, so everything is counted.
    pub(super) fn forget(&self, from: &Directory, name: &str) {
        let is_here = || io::Result::Ok(is_same(&from.metadata()?, &self.directory.metadata()?));
        if self.tenants.get(name).is_some() && is_here().unwrap_or(true) {
            self.tenants.forget(name);
            // It has gone all the same. What is not counted now is before a quota is used up.
            let _ = self.recount(&Stop::default());
        }
    }

    fn take(&self, from: &Directory, name: &OsStr, stop: &Stop) -> Result<Metadata, FileError> {
        stop.check()?;
        let mut books = self.ledger.books();
        let found = from.stat(name)?;
        match found.is_dir() {
            true => from.remove_directory(name)?,
            false => from.unlink(name)?,
        }
        let size = if found.is_file() { found.len() } else { 0 };
        books.went(Usage::one(size));
        Ok(found)
    }

    /// What is in a directory is reached through a handle of that directory, which was opened
    /// without following a link. So nothing outside of it is, whatever is moved meanwhile.
    fn clear(
        &self,
        from: &Directory,
        name: &OsStr,
        depth: usize,
        stop: &Stop,
    ) -> Result<(), FileError> {
        if depth > DEPTH {
            return Err(FileError::TooLong);
        }
        for _ in 0..RETRIES {
            match self.take(from, name, stop) {
                Err(FileError::NotEmpty) => {}
                // Its kind changed between the two calls.
                Err(FileError::NotDirectory | FileError::NotRegular) => continue,
                other => return other.map(drop),
            }
            let inside = match from.child(name) {
                Err(error) if error.kind() == ErrorKind::NotADirectory => continue,
                inside => inside?,
            };
            self.empty(&inside, depth, stop)?;
        }
        Err(FileError::Busy)
    }

    fn empty(&self, directory: &Directory, depth: usize, stop: &Stop) -> Result<(), FileError> {
        loop {
            let names: Result<Vec<_>, _> = directory.entries()?.take(BATCH).collect();
            let names = names?;
            if names.is_empty() {
                return Ok(());
            }
            for name in names {
                match self.clear(directory, &name, depth + 1, stop) {
                    Err(FileError::NotFound) => {}
                    other => other?,
                }
            }
        }
    }
}
