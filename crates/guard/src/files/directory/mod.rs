//! An open directory, and what can be done to the names in it.
//!
//! Every call takes one name and acts on that name: no call here follows a link, and none knows of
//! paths. `cap-std` makes the calls; what it has no call for is in the file of the system.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "other.rs")]
mod system;

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use cap_fs_ext::{DirExt as _, FollowSymlinks, OpenOptionsFollowExt as _};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata, OpenOptions};

use super::entry::{Kind, Stat};
use super::{FileError, RETRIES};

pub(super) use system::{is_link, is_magic, is_same};

/// An open directory.
#[derive(Debug)]
pub(super) struct Directory(pub(super) Dir);

impl Directory {
    /// Opens the directory at a path that the configuration names.
    pub(super) fn ambient(path: &Path) -> io::Result<Self> {
        Dir::open_ambient_dir(path, ambient_authority()).map(Self)
    }

    pub(super) fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// The directory of a name.
    pub(super) fn child(&self, name: &OsStr) -> io::Result<Self> {
        self.0.open_dir_nofollow(name).map(Self)
    }

    pub(super) fn stat(&self, name: &OsStr) -> io::Result<Metadata> {
        self.0.symlink_metadata(name)
    }

    /// Where a link leads, as it is written.
    pub(super) fn target(&self, name: &OsStr) -> io::Result<OsString> {
        self.0.read_link_contents(name).map(Into::into)
    }

    /// What is in it, in no order.
    pub(super) fn entries(&self) -> io::Result<impl Iterator<Item = io::Result<OsString>> + use<>> {
        let entries = self.0.entries()?;
        Ok(entries.map(|entry| entry.map(|it| it.file_name())))
    }

    /// A new file that nobody else can read, with these contents.
    pub(super) fn create(&self, name: &OsStr, contents: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        options.follow(FollowSymlinks::No);
        system::private(&mut options);
        let mut file = self.0.open_with(name, &options)?;
        system::keep_private(&file)?;
        file.write_all(contents)?;
        file.sync_all()
    }

    /// A new directory that nobody else can enter.
    pub(super) fn create_directory(&self, name: &OsStr) -> io::Result<()> {
        system::create_directory(&self.0, name)
    }

    pub(super) fn unlink(&self, name: &OsStr) -> io::Result<()> {
        self.0.remove_file_or_symlink(name)
    }

    pub(super) fn remove_directory(&self, name: &OsStr) -> io::Result<()> {
        self.0.remove_dir(name)
    }

    /// Moves a name to where there is none; `AlreadyExists` if there is.
    pub(super) fn move_to(&self, name: &OsStr, to: &Self, new: &OsStr) -> io::Result<()> {
        match system::rename_exclusive(&self.0, name, &to.0, new) {
            Err(error) if system::is_unknown(&error) => self.link_to(name, to, new),
            result => result,
        }
    }

    /// As [`move_to`](Self::move_to), where the file system cannot say that a name has to be free.
    /// Of files, a second name is made, which fails if it is taken. A directory replaces nothing
    /// but an empty directory, so it is enough to look first.
    fn link_to(&self, name: &OsStr, to: &Self, new: &OsStr) -> io::Result<()> {
        if self.stat(name)?.is_file() {
            self.0.hard_link(name, &to.0, new)?;
            return self.unlink(name);
        }
        match to.stat(new) {
            Err(error) if error.kind() == ErrorKind::NotFound => self.0.rename(name, &to.0, new),
            Err(error) => Err(error),
            Ok(_) => Err(ErrorKind::AlreadyExists.into()),
        }
    }

    /// Puts one file of this directory in the place of another, or where there is none. Tells what
    /// was there.
    pub(super) fn put(&self, file: &OsStr, name: &OsStr) -> Result<(), FileError> {
        for _ in 0..RETRIES {
            let result = match self.replaceable(name)? {
                None => self.move_to(file, self, name),
                Some(_) => self.exchange(file, name),
            };
            match result {
                Err(error)
                    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists) => {}
                other => return other.map_err(Into::into),
            }
        }
        Err(FileError::Busy)
    }

    /// The file that may be replaced under a name, if there is something.
    pub(super) fn replaceable(&self, name: &OsStr) -> Result<Option<Metadata>, FileError> {
        match self.stat(name) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
            Ok(found) if found.is_symlink() => Err(FileError::Symlink),
            Ok(found) if found.is_file() => Ok(Some(found)),
            Ok(_) => Err(FileError::NotRegular),
        }
    }

    /// Lets two files change their names, and removes what comes out, if that is a file. A link
    /// that was put there in between goes back to where it was.
    fn exchange(&self, file: &OsStr, name: &OsStr) -> io::Result<()> {
        match system::exchange(&self.0, file, name) {
            Err(error) if system::is_unknown(&error) => return self.0.rename(file, &self.0, name),
            other => other?,
        }
        if self.stat(file)?.is_file() {
            return self.unlink(file);
        }
        system::exchange(&self.0, file, name)?;
        Err(ErrorKind::AlreadyExists.into())
    }

    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.0.dir_metadata()
    }

    /// Makes what was done to its names outlast a power cut. What was done can be seen already, so
    /// no failure of this may read as one of those after which it is done again.
    pub(super) fn sync(&self) -> Result<(), FileError> {
        system::sync(&self.0).map_err(|error| FileError::Io(error.into()))
    }
}

/// What is known of a file.
pub(super) fn known(metadata: &Metadata) -> Stat {
    let kind = kind(metadata);
    Stat {
        kind,
        size: if kind == Kind::File {
            metadata.len()
        } else {
            0
        },
        modified: metadata
            .modified()
            .ok()
            .map(cap_std::time::SystemTime::into_std),
    }
}

pub(super) fn kind(metadata: &Metadata) -> Kind {
    if metadata.is_file() {
        Kind::File
    } else if metadata.is_dir() {
        Kind::Directory
    } else if metadata.is_symlink() {
        Kind::Link
    } else {
        Kind::Other
    }
}
