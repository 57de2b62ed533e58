//! Directories that are made, and names that change.

use std::ffi::OsStr;
use std::io::ErrorKind;

use super::Root;
use super::draft::given;
use super::write::free;
use crate::files::pool::Stop;
use crate::files::{FileError, RelativePath, Usage};

impl Root {
    pub(in super::super) fn create_dir(
        &self,
        path: &RelativePath,
        stop: &Stop,
    ) -> Result<(), FileError> {
        self.writable()?;
        let (parent, name) = path.split_directory()?;
        let name = given(name)?;
        let directory = self.open(parent)?;
        free(&directory, name)?;
        let mut promise = self.promise(Usage::one(0))?;
        stop.check()?;
        let mut books = promise.redeem();
        books.fits(self.quota(), Usage::one(0))?;
        directory.create_directory(name)?;
        books.came(Usage::one(0));
        drop(books);
        directory.sync()
    }

    /// Makes the directory of a tenant in the root, unless there is one. It needs no room: what a
    /// tenant has is held against its own quota, and nobody keeps others out by using that up.
    pub(in super::super) fn create_scope(&self, name: &str, stop: &Stop) -> Result<(), FileError> {
        self.writable()?;
        let name = OsStr::new(name);
        match free(&self.directory, name) {
            Err(FileError::Exists) => return Ok(()),
            other => other?,
        }
        stop.check()?;
        let mut books = self.ledger.books();
        match self.directory.create_directory(name) {
            // Somebody else has made it meanwhile.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
            made => made?,
        }
        books.came(Usage::one(0));
        drop(books);
        self.directory.sync()
    }

    /// Makes a directory and those it is in, as far as they are missing.
    pub(in super::super) fn create_dir_all(
        &self,
        path: &RelativePath,
        stop: &Stop,
    ) -> Result<(), FileError> {
        self.writable()?;
        for path in path.ancestors() {
            match self.open(path) {
                Err(FileError::NotFound) => {}
                other => {
                    other?;
                    continue;
                }
            }
            match self.create_dir(&RelativePath::parse(path)?, stop) {
                // Somebody else has made it meanwhile.
                Err(FileError::Exists) => drop(self.open(path)?),
                other => other?,
            }
        }
        Ok(())
    }

    /// Gives something another name, which is free.
    pub(in super::super) fn rename(
        &self,
        from: &RelativePath,
        to: &RelativePath,
        stop: &Stop,
    ) -> Result<(), FileError> {
        self.writable()?;
        let (source, name) = from.split()?;
        let (target, new) = to.split()?;
        let new = given(new)?;
        let (source, target) = (self.open(source)?, self.open(target)?);
        source.stat(OsStr::new(name))?;
        free(&target, new)?;
        stop.check()?;
        // Nothing is counted, but what is counted elsewhere must not move meanwhile.
        let books = self.ledger.books();
        source
            .move_to(OsStr::new(name), &target, new)
            .map_err(meaning)?;
        drop(books);
        self.forget(&source, name);
        target.sync()?;
        source.sync()
    }
}

fn meaning(error: std::io::Error) -> FileError {
    match error.kind() {
        ErrorKind::InvalidInput => {
            FileError::InvalidPath("a directory cannot be moved into itself")
        }
        ErrorKind::CrossesDevices => {
            FileError::Unsupported("it is moved to another file system: copy it, and remove it")
        }
        _ => error.into(),
    }
}
