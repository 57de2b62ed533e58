//! The kernel follows the path: `openat2` with `RESOLVE_BENEATH` and `RESOLVE_NO_MAGICLINKS`.

use std::fs::File;

use cap_std::fs::Dir;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::{Errno, Result};

use super::walk;
use crate::files::directory::Directory;
use crate::files::object::Object;
use crate::files::{FileError, RETRIES};

/// Whether the kernel knows the call, and nothing hides it.
pub(super) fn works(root: &Directory) -> bool {
    ask(root, ".", OFlags::DIRECTORY).is_ok()
}

pub(super) fn directory(
    root: &Directory,
    path: &str,
) -> core::result::Result<Directory, FileError> {
    let found = follow(root, path, OFlags::DIRECTORY)?;
    Ok(Directory(Dir::from_std_file(File::from(found))))
}

pub(super) fn object(root: &Directory, path: &str) -> core::result::Result<Object, FileError> {
    Object::of_handle(follow(root, path, OFlags::empty())?)
}

/// Follows a path. The kernel says `EAGAIN` if it cannot be sure, because something was moved
/// meanwhile.
fn follow(root: &Directory, path: &str, flags: OFlags) -> core::result::Result<OwnedFd, FileError> {
    for _ in 0..RETRIES {
        match ask(root, path, flags) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(Errno::XDEV) => return Err(FileError::Escape),
            Err(Errno::LOOP) => return Err(reason(root, path)),
            other => return Ok(other?),
        }
    }
    Err(FileError::Busy)
}

/// `ELOOP` has two meanings, too many links or one that is none but in name; the other way of
/// following knows which. Whatever it finds, nothing is opened.
fn reason(root: &Directory, path: &str) -> FileError {
    match walk::object(root, path) {
        Err(FileError::Symlink) => FileError::Symlink,
        _ => FileError::Loop,
    }
}

fn ask(root: &Directory, path: &str, flags: OFlags) -> Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::CLOEXEC | flags;
    let bounds = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    rustix::fs::openat2(&root.0, path, flags, Mode::empty(), bounds)
}
