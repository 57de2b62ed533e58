//! What a path leads to, looked at before it is opened.
//!
//! On Linux it is held by a handle that opens nothing (`O_PATH`), and what is read later is the very
//! thing that was looked at. Elsewhere it is looked at, opened so that nothing can block, and looked
//! at again.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

use std::io::Read as _;

use cap_std::fs::Metadata;

use super::directory::known;
use super::{FileError, Stat};

pub(super) use system::{Object, check};

impl Object {
    pub(super) fn stat(&self) -> Stat {
        known(self.metadata())
    }

    /// That it is a regular file, of at most so many bytes.
    pub(super) fn regular(&self, limit: u64) -> Result<&Metadata, FileError> {
        let metadata = self.metadata();
        if !metadata.is_file() {
            return Err(FileError::NotRegular);
        }
        if metadata.len() > limit {
            return Err(FileError::TooLarge);
        }
        Ok(metadata)
    }

    /// Its bytes, if it is a regular file of at most so many. It may grow while it is read, so one
    /// byte more is read than it may have.
    pub(super) fn read(&self, limit: u64) -> Result<Vec<u8>, FileError> {
        let size = self.regular(limit)?.len();
        let file = self.open()?;
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if u64::try_from(read).unwrap_or(u64::MAX) > limit {
            return Err(FileError::TooLarge);
        }
        Ok(bytes)
    }
}
