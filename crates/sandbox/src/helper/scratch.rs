//! The directories a payload writes to where it has no file system of its own.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags};
use rustix::rand::GetRandomFlags;

use super::identity::{Identity, NOBODY};

/// A fresh directory that only the payload's user may enter, with two in it. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes the directories in one that is there.
    pub(super) fn make(above: &Path, identity: Identity) -> io::Result<Self> {
        let mut random = [0; 8];
        rustix::rand::getrandom(&mut random, GetRandomFlags::empty())?;
        let name = format!("purlin-sandbox-{:016x}", u64::from_ne_bytes(random));
        let own = |directory: &Path| -> io::Result<()> {
            // Fails where there is something of that name, be it a link.
            fs::DirBuilder::new().mode(0o700).create(directory)?;
            match identity {
                Identity::Nobody => {
                    std::os::unix::fs::lchown(directory, Some(NOBODY), Some(NOBODY))
                }
                Identity::Same => Ok(()),
            }
        };
        let directory = above.join(name);
        own(&directory)?;
        let scratch = Self(directory);
        own(&scratch.work())?;
        own(&scratch.temporary())?;
        Ok(scratch)
    }

    pub(super) fn work(&self) -> PathBuf {
        self.0.join("work")
    }

    pub(super) fn temporary(&self) -> PathBuf {
        self.0.join("tmp")
    }

    pub(super) fn open_work(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(CWD, self.work(), flags, Mode::empty())?)
    }

    /// Whether there is more in it than this. Looks at no more entries than are needed to tell.
    pub(super) fn is_larger_than(&self, bytes: u64, entries: u64) -> bool {
        let mut sum = Sum {
            bytes,
            entries: entries.saturating_add(2),
        };
        !sum.fits(&self.0)
    }
}

/// How much more there may be.
struct Sum {
    bytes: u64,
    entries: u64,
}

impl Sum {
    /// Takes off what is in a directory. What vanishes meanwhile, or cannot be read since the payload
    /// has closed it to itself too, is not counted.
    fn fits(&mut self, directory: &Path) -> bool {
        let Ok(found) = fs::read_dir(directory) else {
            return true;
        };
        found.flatten().all(|entry| {
            let Ok(about) = entry.path().symlink_metadata() else {
                return true;
            };
            let left = self
                .bytes
                .checked_sub(about.blocks() * 512)
                .zip(self.entries.checked_sub(1));
            let Some((bytes, entries)) = left else {
                return false;
            };
            (self.bytes, self.entries) = (bytes, entries);
            !about.is_dir() || self.fits(&entry.path())
        })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if fs::remove_dir_all(&self.0).is_err() {
            // A payload may have closed directories to itself, and so to a server of the same user.
            open_up(&self.0);
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// Makes all directories below one readable again; nobody changes them meanwhile, all are dead.
fn open_up(directory: &Path) {
    let _ = fs::set_permissions(directory, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(&entry.path());
        }
    }
}
