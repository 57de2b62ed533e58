//! A name in a directory, looked at before and after it is opened.

use std::ffi::{OsStr, OsString};

use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt as _, OpenOptionsSyncExt as _};
use cap_std::fs::{File, Metadata, OpenOptions};

use crate::files::FileError;
use crate::files::directory::Directory;

/// What a path leads to.
#[derive(Debug)]
pub(in super::super) struct Object {
    directory: Directory,
    /// None if it is the directory itself.
    name: Option<OsString>,
    metadata: Metadata,
}

impl Object {
    pub(in super::super) fn of_directory(directory: Directory) -> Result<Self, FileError> {
        Ok(Self {
            metadata: directory.0.dir_metadata()?,
            directory,
            name: None,
        })
    }

    /// What has a name in a directory; nothing if it is a link, which is not followed.
    pub(in super::super) fn of_entry(
        directory: &Directory,
        name: &OsStr,
    ) -> Result<Option<Self>, FileError> {
        let metadata = directory.stat(name)?;
        if metadata.is_symlink() {
            return Ok(None);
        }
        Ok(Some(Self {
            directory: directory.try_clone()?,
            name: Some(name.to_owned()),
            metadata,
        }))
    }

    pub(in super::super) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Opens it. If there is a pipe in its place by now, that does not block, and it is closed.
    pub(super) fn open(&self) -> Result<File, FileError> {
        let name = self.name.as_ref().ok_or(FileError::NotRegular)?;
        let mut options = OpenOptions::new();
        options.read(true).nonblock(true);
        options.follow(FollowSymlinks::No);
        let file = self.directory.0.open_with(name, &options)?;
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(FileError::NotRegular),
        }
    }
}

/// Nothing is needed beside the root.
pub(in super::super) fn check() -> Result<(), FileError> {
    Ok(())
}
