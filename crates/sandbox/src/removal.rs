//! Removing what a payload has left, whatever it is.

use std::ffi::{CStr, CString};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use rustix::rand::GetRandomFlags;

/// How directories are opened that a payload had in its hands.
pub(crate) const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Removes a directory with everything in it. All who could change something meanwhile are dead.
pub(crate) fn remove(directory: &Path) -> rustix::io::Result<()> {
    let opened = rustix::fs::openat(CWD, directory, DIRECTORY, Mode::empty())?;
    empty(&opened)?;
    rustix::fs::rmdir(directory)
}

/// Removes everything in a directory, of whatever depth: what lies in a directory below is moved up
/// until that is empty.
fn empty(directory: &OwnedFd) -> rustix::io::Result<()> {
    let mut moved: u64 = 0;
    loop {
        let names = names(directory)?;
        if names.is_empty() {
            return Ok(());
        }
        for name in names {
            match rustix::fs::unlinkat(directory, &name, AtFlags::empty()) {
                Ok(()) => continue,
                Err(Errno::ISDIR | Errno::PERM) => {}
                Err(error) => return Err(error),
            }
            // Its owner may have closed it to himself.
            rustix::fs::chmodat(directory, &name, Mode::RWXU, AtFlags::empty())?;
            let below = rustix::fs::openat(directory, &name, DIRECTORY, Mode::empty())?;
            for inner in self::names(&below)? {
                moved += 1;
                raise(&below, &inner, directory, moved)?;
            }
            rustix::fs::unlinkat(directory, &name, AtFlags::REMOVEDIR)?;
        }
    }
}

/// Removes an entry, or moves it up where it is a directory.
fn raise(below: &OwnedFd, name: &CStr, above: &OwnedFd, number: u64) -> rustix::io::Result<()> {
    match rustix::fs::unlinkat(below, name, AtFlags::empty()) {
        Err(Errno::ISDIR | Errno::PERM) => {}
        done => return done,
    }
    // To be moved, a directory has to be writable.
    rustix::fs::chmodat(below, name, Mode::RWXU, AtFlags::empty())?;
    loop {
        let fresh = format!("moved-{number}-{}", random());
        match rustix::fs::renameat_with(below, name, above, fresh, RenameFlags::NOREPLACE) {
            Err(Errno::EXIST) => {}
            done => return done,
        }
    }
}

fn names(directory: &OwnedFd) -> rustix::io::Result<Vec<CString>> {
    let entries = Dir::read_from(directory)?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_owned()));
    let names = names.filter(|name| {
        !name
            .as_ref()
            .is_ok_and(|name| matches!(name.to_bytes(), b"." | b".."))
    });
    names.collect()
}

/// A number that nobody has named anything by.
pub(crate) fn random() -> u64 {
    let mut random = [0; 8];
    // Without randomness names are tried one after the other by what else is in them.
    let _ = rustix::rand::getrandom(&mut random, GetRandomFlags::empty());
    u64::from_ne_bytes(random)
}
