//! Where there are neither modes nor flags of `rename`: Windows. Who may read what is made is up
//! to the permissions of the root, which are inherited.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};

use cap_std::fs::{Dir, File, Metadata, OpenOptions};

use super::Directory;

pub(super) fn private(_options: &mut OpenOptions) {}

pub(super) fn keep_private(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Whether two looks saw one file, as far as that is known without opening it.
pub(in super::super) fn is_same(a: &Metadata, b: &Metadata) -> bool {
    let made = |it: &Metadata| it.created().ok();
    let changed = |it: &Metadata| it.modified().ok();
    made(a) == made(b) && changed(a) == changed(b) && a.len() == b.len()
}

pub(super) fn create_directory(directory: &Dir, name: &OsStr) -> io::Result<()> {
    directory.create_dir(name)
}

pub(super) fn sync(_directory: &Dir) -> io::Result<()> {
    Ok(())
}

pub(super) fn rename_exclusive(_a: &Dir, _name: &OsStr, _b: &Dir, _new: &OsStr) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

pub(super) fn exchange(_directory: &Dir, _a: &OsStr, _b: &OsStr) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

pub(super) fn is_unknown(error: &io::Error) -> bool {
    error.kind() == ErrorKind::Unsupported
}

/// A directory that is opened without following links is none if it is a link.
pub(in super::super) fn is_link(_error: &io::Error) -> bool {
    false
}

pub(in super::super) fn is_magic(_directory: &Directory, _target: &OsStr) -> bool {
    false
}
