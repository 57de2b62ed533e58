//! What Unix has beyond `cap-std`.

use std::ffi::OsStr;
use std::io;

use cap_fs_ext::MetadataExt as _;
use cap_std::fs::{Dir, File, Metadata, OpenOptions, OpenOptionsExt as _};
use rustix::fs::{Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::Directory;

/// Files are for their owner alone.
const FILE: u32 = 0o600;

pub(super) fn private(options: &mut OpenOptions) {
    options.mode(FILE);
}

/// Whatever the umask or the directory made of the mode.
pub(super) fn keep_private(file: &File) -> io::Result<()> {
    Ok(rustix::fs::fchmod(file, Mode::RUSR | Mode::WUSR)?)
}

/// Whether two looks saw one file.
pub(in super::super) fn is_same(a: &Metadata, b: &Metadata) -> bool {
    a.dev() == b.dev() && a.ino() == b.ino()
}

pub(super) fn create_directory(directory: &Dir, name: &OsStr) -> io::Result<()> {
    rustix::fs::mkdirat(directory, name, Mode::RWXU)?;
    // The umask may have taken bits away, the directory may have added some.
    keep_private_directory(directory, name).map_err(|error| {
        // Whoever is told that there is none must not find one that others may enter.
        let _ = directory.remove_dir(name);
        error.into()
    })
}

/// A directory may have a mode with which it cannot be opened, so its mode is changed through a
/// handle that opens nothing.
#[cfg(target_os = "linux")]
fn keep_private_directory(directory: &Dir, name: &OsStr) -> rustix::io::Result<()> {
    use std::os::fd::AsRawFd as _;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let made = rustix::fs::openat(directory, name, flags, Mode::empty())?;
    let handles = rustix_linux_procfs::proc_self_fd()?;
    let name = made.as_raw_fd().to_string();
    rustix::fs::chmodat(handles, name, Mode::RWXU, rustix::fs::AtFlags::empty())
}

#[cfg(not(target_os = "linux"))]
fn keep_private_directory(directory: &Dir, name: &OsStr) -> rustix::io::Result<()> {
    let flags = rustix::fs::AtFlags::SYMLINK_NOFOLLOW;
    rustix::fs::chmodat(directory, name, Mode::RWXU, flags)
}

pub(super) fn sync(directory: &Dir) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let open = rustix::fs::openat(directory, ".", flags, Mode::empty())?;
    match rustix::fs::fsync(open) {
        // Some file systems have nothing to write for a directory.
        Err(Errno::INVAL) => Ok(()),
        other => Ok(other?),
    }
}

pub(super) fn rename_exclusive(a: &Dir, name: &OsStr, b: &Dir, new: &OsStr) -> io::Result<()> {
    rename(a, name, b, new, RenameFlags::NOREPLACE)
}

pub(super) fn exchange(directory: &Dir, a: &OsStr, b: &OsStr) -> io::Result<()> {
    rename(directory, a, directory, b, RenameFlags::EXCHANGE)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename(a: &Dir, name: &OsStr, b: &Dir, new: &OsStr, flags: RenameFlags) -> io::Result<()> {
    Ok(rustix::fs::renameat_with(a, name, b, new, flags)?)
}

/// Whether the file system does not know what was asked of it, and has done nothing.
pub(super) fn is_unknown(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP)
    )
}

/// Whether a call met a link where it follows none.
pub(in super::super) fn is_link(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::LOOP)
}

/// Whether a link is one of those in `/proc` that lead to something that is open, whatever they
/// say. They say an absolute path, or a kind and a number as `pipe:[1]`.
#[cfg(target_os = "linux")]
pub(in super::super) fn is_magic(directory: &Directory, target: &OsStr) -> bool {
    let is_proc =
        rustix::fs::fstatfs(&directory.0).is_ok_and(|it| it.f_type == rustix::fs::PROC_SUPER_MAGIC);
    let text = target.as_encoded_bytes();
    is_proc && (text.starts_with(b"/") || text.windows(2).any(|pair| pair == b":["))
}

#[cfg(not(target_os = "linux"))]
pub(in super::super) fn is_magic(_directory: &Directory, _target: &OsStr) -> bool {
    false
}
