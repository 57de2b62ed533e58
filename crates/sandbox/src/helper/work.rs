//! The directories a payload may write to, and the files it finds there.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags};

use crate::plan::File;

/// The work directory in `Strict`.
pub(super) const WORK: &str = "/work";
/// The directory for temporary files in `Strict`.
pub(super) const TEMPORARY: &str = "/tmp";

const DIRECTORY: OFlags = OFlags::PATH
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Puts the files of a plan into the work directory, as the user who owns it.
///
/// The directory is fresh and nobody else has it yet, so what is there was made here.
pub(super) fn fill(work: BorrowedFd<'_>, files: &[File]) -> io::Result<()> {
    files.iter().try_for_each(|file| put(work, file))
}

fn put(work: BorrowedFd<'_>, file: &File) -> io::Result<()> {
    let mut directory: Option<OwnedFd> = None;
    let (parents, name) = match file.name.rsplit_once('/') {
        Some((parents, name)) => (parents.split('/').collect(), name),
        None => (Vec::new(), file.name.as_str()),
    };
    for parent in parents {
        let base = directory.as_ref().map_or(work, AsFd::as_fd);
        match rustix::fs::mkdirat(base, parent, Mode::RWXU) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        directory = Some(rustix::fs::openat(base, parent, DIRECTORY, Mode::empty())?);
    }
    let base = directory.as_ref().map_or(work, AsFd::as_fd);
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
    let made = rustix::fs::openat(base, name, flags, Mode::RUSR | Mode::WUSR)?;
    io::Write::write_all(&mut std::fs::File::from(made), &file.bytes)
}
