//! A handle that opens nothing.

use std::ffi::{OsStr, OsString};
use std::fs::File as StdFile;
use std::os::fd::AsRawFd as _;

use cap_std::fs::{File, Metadata};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};

use crate::files::FileError;
use crate::files::directory::Directory;

/// What a path leads to.
#[derive(Debug)]
pub(in super::super) struct Object {
    handle: OwnedFd,
    metadata: Metadata,
}

impl Object {
    pub(in super::super) fn of_handle(handle: OwnedFd) -> Result<Self, FileError> {
        let file = StdFile::from(handle);
        let metadata = Metadata::from_file(&file)?;
        Ok(Self {
            handle: file.into(),
            metadata,
        })
    }

    pub(in super::super) fn of_directory(directory: Directory) -> Result<Self, FileError> {
        Self::of_handle(directory.0.into_std_file().into())
    }

    /// What has a name in a directory; nothing if it is a link, which is not followed.
    pub(in super::super) fn of_entry(
        directory: &Directory,
        name: &OsStr,
    ) -> Result<Option<Self>, FileError> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = rustix::fs::openat(&directory.0, name, flags, Mode::empty())?;
        let object = Self::of_handle(handle)?;
        Ok(Some(object).filter(|it| !it.metadata.is_symlink()))
    }

    pub(in super::super) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Opens the very thing that the handle holds. Names are not asked again, so it is what was
    /// looked at: a regular file.
    pub(super) fn open(&self) -> Result<File, FileError> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
        let name = OsString::from(self.handle.as_raw_fd().to_string());
        let handles = rustix_linux_procfs::proc_self_fd().map_err(|_| NO_PROC)?;
        let file = rustix::fs::openat(handles, name, flags, Mode::empty())?;
        Ok(File::from_std(file.into()))
    }
}

/// Files are opened by their handles, which have names in `/proc` alone.
const NO_PROC: FileError =
    FileError::Unsupported("`/proc` is not mounted, and files are opened by it: mount it");

/// That files can be opened by their handles.
pub(in super::super) fn check() -> Result<(), FileError> {
    rustix_linux_procfs::proc_self_fd()
        .map(drop)
        .map_err(|_| NO_PROC)
}
