//! Programs of this machine: found once, and held to be the same ever after.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A file that has to stay what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pinned {
    path: PathBuf,
    identity: Identity,
}

/// What tells a file from another one, and from itself after it was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Pinned {
    /// Pins a file by its real path: no part of it is a link.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path)?;
        let identity = Identity::of(&fs::symlink_metadata(&path)?);
        Ok(Self { path, identity })
    }

    /// Its real path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is still the same.
    pub(super) fn is_unchanged(&self) -> bool {
        let now = fs::symlink_metadata(&self.path);
        now.is_ok_and(|now| Identity::of(&now) == self.identity)
    }
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// Where a program is: at its absolute path, or under its name in `PATH`.
pub(super) fn find(program: &Path) -> Option<PathBuf> {
    if program.is_absolute() {
        return is_executable(program).then(|| program.to_owned());
    }
    if program.components().count() != 1 {
        return None;
    }
    let path = std::env::var_os("PATH")?;
    let absolute = std::env::split_paths(&path).filter(|dir| dir.is_absolute());
    let mut files = absolute.map(|dir| dir.join(program));
    files.find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    let metadata = fs::metadata(file);
    metadata.is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}
