//! Files that are written, whole or not at all.

use std::ffi::OsStr;
use std::io::ErrorKind;

use cap_std::fs::Metadata;

use super::Root;
use super::draft::{Draft, given};
use crate::files::directory::{Directory, is_same};
use crate::files::object::Object;
use crate::files::pool::Stop;
use crate::files::{FileError, RETRIES, RelativePath, Usage};

/// What may be where a file is put.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Place<'a> {
    /// Nothing.
    Free,
    /// Nothing, or a file, which is replaced.
    Any,
    /// This very file.
    Still(&'a Metadata),
}

impl Place<'_> {
    /// What is there, if that may be.
    fn look(self, directory: &Directory, name: &OsStr) -> Result<Option<Metadata>, FileError> {
        match self {
            Self::Any => directory.replaceable(name),
            Self::Free => free(directory, name).map(|()| None),
            Self::Still(file) => match directory.replaceable(name)? {
                Some(found) if is_same(&found, file) => Ok(Some(found)),
                _ => Err(FileError::Busy),
            },
        }
    }
}

/// That there is nothing of a name.
pub(super) fn free(directory: &Directory, name: &OsStr) -> Result<(), FileError> {
    match directory.stat(name) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
        Ok(found) if found.is_symlink() => Err(FileError::Symlink),
        Ok(_) => Err(FileError::Exists),
    }
}

impl Root {
    pub(in super::super) fn write(
        &self,
        path: &RelativePath,
        contents: &[u8],
        place: Place<'_>,
        stop: &Stop,
    ) -> Result<(), FileError> {
        self.writable()?;
        let (parent, name) = path.split()?;
        let name = given(name)?;
        let directory = self.open(parent)?;
        self.put(&directory, name, contents, place, stop)
    }

    fn put(
        &self,
        directory: &Directory,
        name: &OsStr,
        contents: &[u8],
        place: Place<'_>,
        stop: &Stop,
    ) -> Result<(), FileError> {
        let size = length(contents);
        if size > self.quota().file_size {
            return Err(FileError::TooLarge);
        }
        let old = place.look(directory, name)?;
        let mut promise = self.promise(growth(old.as_ref(), size))?;
        let mut draft = Draft::write(directory, &self.ledger, contents)?;
        stop.check()?;
        let mut books = promise.redeem();
        // Others may have been faster.
        let old = place.look(directory, name)?;
        books.fits(self.quota(), growth(old.as_ref(), size))?;
        match place {
            Place::Free => directory.move_to(draft.name(), directory, name)?,
            Place::Any | Place::Still(_) => directory.put(draft.name(), name)?,
        }
        draft.is_done = true;
        books.came(Usage::one(size));
        if let Some(old) = old {
            books.went(Usage::one(old.len()));
        }
        drop(books);
        directory.sync()
    }

    /// Adds to the end of a file, or makes it.
    pub(in super::super) fn append(
        &self,
        path: &RelativePath,
        contents: &[u8],
        stop: &Stop,
    ) -> Result<(), FileError> {
        self.writable()?;
        let (parent, name) = path.split()?;
        let name = given(name)?;
        let directory = self.open(parent)?;
        for _ in 0..RETRIES {
            let result = match Object::of_entry(&directory, name) {
                Err(FileError::NotFound) => self.put(&directory, name, contents, Place::Free, stop),
                Err(error) => Err(error),
                Ok(None) => Err(FileError::Symlink),
                Ok(Some(file)) => self.add(&directory, name, &file, contents, stop),
            };
            // Another file has the name meanwhile, or it has none any more.
            if !matches!(result, Err(FileError::Busy | FileError::Exists)) {
                return result;
            }
        }
        Err(FileError::Busy)
    }

    /// Puts the whole of it in the place of the file. Nothing is written into a file that is there:
    /// whether it has another name, outside of the root, cannot be told for longer than a moment.
    fn add(
        &self,
        directory: &Directory,
        name: &OsStr,
        file: &Object,
        contents: &[u8],
        stop: &Stop,
    ) -> Result<(), FileError> {
        let limit = self.quota().file_size;
        let old = file.regular(limit)?;
        let mut whole = file.read(limit)?;
        whole.extend_from_slice(contents);
        self.put(directory, name, &whole, Place::Still(old), stop)
    }

    /// Makes a file of what is in another.
    pub(in super::super) fn copy(
        &self,
        from: &RelativePath,
        to: &RelativePath,
        stop: &Stop,
    ) -> Result<(), FileError> {
        self.writable()?;
        let contents = self.read(from)?;
        self.write(to, &contents, Place::Free, stop)
    }
}

/// How much more there is with a file of this size in the place of what is there.
fn growth(old: Option<&Metadata>, size: u64) -> Usage {
    match old {
        None => Usage::one(size),
        Some(old) => Usage::bytes(size.saturating_sub(old.len())),
    }
}

fn length(contents: &[u8]) -> u64 {
    u64::try_from(contents.len()).unwrap_or(u64::MAX)
}
