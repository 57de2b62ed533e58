//! The directories a payload writes to where it has no file system of its own.

use std::ffi::CStr;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode};
use rustix::io::Errno;

use crate::removal::{self, DIRECTORY, random};

use super::identity::{Identity, NOBODY};

/// A fresh directory that only the payload's user may enter, with two in it. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes the directories in one that is there.
    pub(super) fn make(above: &Path, identity: Identity) -> io::Result<Self> {
        let name = format!("purlin-sandbox-{:016x}", random());
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
        // As the kernel shows it in its lists of what a process has mapped.
        let directory = fs::canonicalize(above)?.join(name);
        own(&directory)?;
        let scratch = Self(directory);
        own(&scratch.work())?;
        own(&scratch.temporary())?;
        Ok(scratch)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn work(&self) -> PathBuf {
        self.0.join("work")
    }

    pub(super) fn temporary(&self) -> PathBuf {
        self.0.join("tmp")
    }

    pub(super) fn open_work(&self) -> io::Result<OwnedFd> {
        Ok(rustix::fs::openat(
            CWD,
            self.work(),
            DIRECTORY,
            Mode::empty(),
        )?)
    }

    /// Whether there is more in it than this, or something that cannot be counted: a directory that is
    /// closed to reading, or lies deeper than any file that is handed out.
    ///
    /// Looks at no more than is needed to tell, and follows no link.
    pub(super) fn is_larger_than(&self, bytes: u64, entries: u64) -> bool {
        let mut left = Left {
            bytes,
            // The two directories count.
            entries: entries.saturating_add(2),
        };
        let opened = rustix::fs::openat(CWD, &self.0, DIRECTORY, Mode::empty());
        opened.is_ok_and(|directory| !left.holds(&directory, DEPTH))
    }
}

/// How deep directories may lie.
const DEPTH: u32 = 32;

/// How much more there may be.
struct Left {
    bytes: u64,
    entries: u64,
}

impl Left {
    /// Takes off what is in a directory; what vanishes meanwhile is not counted.
    fn holds(&mut self, directory: &OwnedFd, depth: u32) -> bool {
        let Ok(mut found) = Dir::read_from(directory) else {
            return false;
        };
        found.all(|entry| match entry {
            Ok(entry) if matches!(entry.file_name().to_bytes(), b"." | b"..") => true,
            Ok(entry) => self.holds_entry(directory, entry.file_name(), depth),
            Err(_) => false,
        })
    }

    fn holds_entry(&mut self, directory: &OwnedFd, name: &CStr, depth: u32) -> bool {
        let about = match rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(about) => about,
            Err(error) => return error == Errno::NOENT,
        };
        let blocks = u64::try_from(about.st_blocks).unwrap_or(u64::MAX);
        let bytes = self.bytes.checked_sub(blocks.saturating_mul(512));
        let (Some(bytes), Some(entries)) = (bytes, self.entries.checked_sub(1)) else {
            return false;
        };
        (self.bytes, self.entries) = (bytes, entries);
        if FileType::from_raw_mode(about.st_mode) != FileType::Directory {
            return true;
        }
        match rustix::fs::openat(directory, name, DIRECTORY, Mode::empty()) {
            Ok(below) => depth > 0 && self.holds(&below, depth - 1),
            Err(error) => matches!(error, Errno::NOENT | Errno::NOTDIR | Errno::LOOP),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Where this fails, something is left in the directory of the plan, which is the server's.
        let _ = removal::remove(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> (tempfile::TempDir, Scratch) {
        let above = tempfile::tempdir().unwrap();
        let scratch = Scratch::make(above.path(), Identity::Same).unwrap();
        (above, scratch)
    }

    #[test]
    fn all_of_it_is_removed_however_deep_it_is() {
        let (above, scratch) = scratch();
        let mut at = rustix::fs::openat(CWD, scratch.work(), DIRECTORY, Mode::empty()).unwrap();
        for _ in 0..1200 {
            rustix::fs::mkdirat(&at, "d", Mode::RWXU).unwrap();
            at = rustix::fs::openat(&at, "d", DIRECTORY, Mode::empty()).unwrap();
        }
        rustix::fs::mkdirat(&at, "closed", Mode::empty()).unwrap();
        fs::write(scratch.temporary().join("file"), "x").unwrap();
        rustix::fs::symlink("/", scratch.work().join("link")).unwrap();
        assert!(scratch.is_larger_than(1 << 30, 1 << 30));
        drop(scratch);
        assert_eq!(fs::read_dir(above.path()).unwrap().count(), 0);
    }

    #[test]
    fn bytes_and_entries_count() {
        let (_above, scratch) = scratch();
        // Directories take space of their own on some file systems.
        let directories = 64 << 10;
        assert!(!scratch.is_larger_than(directories, 0));
        fs::write(scratch.work().join("file"), vec![1; 1 << 20]).unwrap();
        assert!(scratch.is_larger_than(directories, 1));
        assert!(scratch.is_larger_than(8 << 20, 0));
        assert!(!scratch.is_larger_than(8 << 20, 1));
    }
}
