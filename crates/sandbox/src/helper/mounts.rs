//! The file tree of a box: what the plan names, a few devices, and two directories to write to.
//!
//! It is put together beside the host's tree and becomes the root at its end, so nothing of the host
//! is ever covered or changed, and what is bound is found by its path on the host.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path};

use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, OFlags, ResolveFlags, Uid};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags,
};

use crate::plan::{Bind, Limits, Plan};

use super::identity::INSIDE;
use super::work::{TEMPORARY, WORK};

/// Devices that hold nothing and lead nowhere.
pub(super) const DEVICES: [&str; 3] = ["null", "zero", "urandom"];

/// How large the root itself may be: directories and empty files to mount on.
const ROOT_BYTES: u64 = 1 << 20;
const ROOT_INODES: u64 = 65_536;

/// Where the file system of the writable directories is mounted until they are.
const ASIDE: &str = "aside";

const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID;

/// Makes the tree, changes into it and returns the work directory.
pub(super) fn build(plan: &Plan) -> io::Result<OwnedFd> {
    // Nothing that is mounted here shows up outside, nor the reverse.
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    rustix::mount::mount_change("/", private)?;
    let root = tmpfs(ROOT_BYTES, ROOT_INODES, "0755")?;
    attach(root.as_fd(), CWD, Path::new("/"))?;
    // Shorter targets first: a bind into another one needs that one to be there.
    let mut binds: Vec<&Bind> = plan.read_only.iter().collect();
    binds.sort_by_key(|bind| bind.target.components().count());
    for bind in binds {
        show(root.as_fd(), bind)?;
    }
    for path in &plan.hidden {
        hide(root.as_fd(), path)?;
    }
    devices(root.as_fd())?;
    let work = writable(root.as_fd(), &plan.limits)?;
    enter(root.as_fd())?;
    // The tree is finished. Its mounts keep what they were given.
    crate::sys::set_mount_attributes(root.as_fd(), READ_ONLY, false)?;
    Ok(work)
}

/// A file system in memory that is mounted nowhere yet.
fn tmpfs(bytes: u64, inodes: u64, mode: &str) -> io::Result<OwnedFd> {
    let context = rustix::mount::fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    let options = [
        ("size", bytes.to_string()),
        ("nr_inodes", inodes.to_string()),
        ("mode", mode.to_owned()),
    ];
    for (key, value) in options {
        rustix::mount::fsconfig_set_string(context.as_fd(), key, value)?;
    }
    rustix::mount::fsconfig_create(context.as_fd())?;
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NODEV
        | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    let flags = FsMountFlags::FSMOUNT_CLOEXEC;
    Ok(rustix::mount::fsmount(context.as_fd(), flags, attributes)?)
}

/// Mounts what a descriptor stands for at a path.
fn attach(mount: BorrowedFd<'_>, base: BorrowedFd<'_>, path: &Path) -> io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    Ok(rustix::mount::move_mount(mount, "", base, path, flags)?)
}

/// A copy of a mount and all below it, or of a directory of one.
fn copy(base: BorrowedFd<'_>, path: &Path) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    Ok(rustix::mount::open_tree(base, path, flags)?)
}

/// Shows a file or directory of the host, read-only.
fn show(root: BorrowedFd<'_>, bind: &Bind) -> io::Result<()> {
    let mount = copy(CWD, &bind.source)?;
    crate::sys::set_mount_attributes(mount.as_fd(), READ_ONLY | libc::MOUNT_ATTR_NODEV, true)?;
    let kind = FileType::from_raw_mode(rustix::fs::fstat(&mount)?.st_mode);
    let target = relative(&bind.target)?;
    place(root, target, kind == FileType::Directory)?;
    attach(mount.as_fd(), root, target)
}

/// Covers a directory with an empty one, and what a link leads to in the box, not on the host.
fn hide(root: BorrowedFd<'_>, path: &Path) -> io::Result<()> {
    // The directory itself is the one inode.
    let empty = tmpfs(1, 1, "0555")?;
    crate::sys::set_mount_attributes(empty.as_fd(), READ_ONLY, false)?;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::IN_ROOT;
    let covered = rustix::fs::openat2(root, relative(path)?, flags, Mode::empty(), resolve)?;
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    Ok(rustix::mount::move_mount(
        empty.as_fd(),
        "",
        covered.as_fd(),
        "",
        flags,
    )?)
}

fn devices(root: BorrowedFd<'_>) -> io::Result<()> {
    for name in DEVICES {
        let host = Path::new("/dev").join(name);
        let mount = copy(CWD, &host)?;
        crate::sys::set_mount_attributes(mount.as_fd(), READ_ONLY | libc::MOUNT_ATTR_NOEXEC, true)?;
        let target = relative(&host)?;
        place(root, target, false)?;
        attach(mount.as_fd(), root, target)?;
    }
    Ok(())
}

/// The work directory and the one for temporary files: two directories of one file system, so that
/// one limit is that of both.
fn writable(root: BorrowedFd<'_>, limits: &Limits) -> io::Result<OwnedFd> {
    // The directories themselves count.
    let both = tmpfs(
        limits.work_bytes,
        limits.work_inodes.saturating_add(3),
        "0755",
    )?;
    for target in [WORK, TEMPORARY] {
        let target = relative(Path::new(target))?;
        rustix::fs::mkdirat(&both, target, Mode::RWXU)?;
        let (uid, gid) = (Uid::from_raw(INSIDE), Gid::from_raw(INSIDE));
        rustix::fs::chownat(
            &both,
            target,
            Some(uid),
            Some(gid),
            AtFlags::SYMLINK_NOFOLLOW,
        )?;
    }
    // Only of what is mounted can a copy be made.
    let aside = Path::new(ASIDE);
    place(root, aside, true)?;
    attach(both.as_fd(), root, aside)?;
    for target in [WORK, TEMPORARY] {
        let target = relative(Path::new(target))?;
        let mount = copy(both.as_fd(), target)?;
        place(root, target, true)?;
        attach(mount.as_fd(), root, target)?;
    }
    let work = rustix::fs::openat(
        root,
        relative(Path::new(WORK))?,
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    Ok(work)
}

/// A path below the root, for calls that start there.
fn relative(path: &Path) -> io::Result<&Path> {
    path.strip_prefix("/")
        .map_err(|_| io::ErrorKind::InvalidInput.into())
}

/// Makes what is mounted on: a directory or an empty file, with the directories above it. What is
/// there already, in the tree or in a bind that came before, is taken as it is.
fn place(root: BorrowedFd<'_>, target: &Path, directory: bool) -> io::Result<()> {
    let mut parts: Vec<&OsStr> = Vec::new();
    for part in target.components() {
        match part {
            Component::Normal(part) => parts.push(part),
            _ => return Err(io::ErrorKind::InvalidInput.into()),
        }
    }
    let mode = Mode::RWXU | Mode::RGRP | Mode::XGRP | Mode::ROTH | Mode::XOTH;
    let mut base = rustix::fs::openat(root, ".", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    for (index, part) in parts.iter().enumerate() {
        if index + 1 == parts.len() && !directory {
            let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::EXCL | OFlags::CLOEXEC;
            let made = rustix::fs::openat(&base, *part, flags, Mode::RUSR).map(drop);
            return there(made);
        }
        there(rustix::fs::mkdirat(&base, *part, mode))?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        base = rustix::fs::openat(&base, *part, flags, Mode::empty())?;
    }
    Ok(())
}

fn there(made: rustix::io::Result<()>) -> io::Result<()> {
    match made {
        Err(rustix::io::Errno::EXIST) => Ok(()),
        made => Ok(made?),
    }
}

/// Makes the tree the root and forgets the host's.
fn enter(root: BorrowedFd<'_>) -> io::Result<()> {
    rustix::process::fchdir(root)?;
    rustix::process::pivot_root(".", ".")?;
    rustix::mount::unmount(".", UnmountFlags::DETACH)?;
    rustix::process::chdir("/")?;
    rustix::mount::unmount(ASIDE, UnmountFlags::DETACH)?;
    Ok(rustix::fs::unlinkat(CWD, ASIDE, AtFlags::REMOVEDIR)?)
}
