//! Removing what a payload has left, whatever it is.

use std::ffi::{CStr, CString};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use rustix::rand::GetRandomFlags;

/// How directories are opened that a payload had in its hands.
pub(crate) const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Removes a directory with everything in it.
///
/// All who could change something meanwhile should be dead. Where one is not, it may keep something
/// from being removed, and no link that it puts there is followed.
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
            let below = open(directory, &name)?;
            for inner in self::names(&below)? {
                moved += 1;
                raise(&below, &inner, directory, moved)?;
            }
            rustix::fs::unlinkat(directory, &name, AtFlags::REMOVEDIR)?;
        }
    }
}

/// Opens a directory with all rights for its owner, who may have closed it to himself.
fn open(above: &OwnedFd, name: &CStr) -> rustix::io::Result<OwnedFd> {
    let open = || rustix::fs::openat(above, name, DIRECTORY, Mode::empty());
    let below = match open() {
        Err(Errno::ACCESS) => {
            unlock(above, name)?;
            open()?
        }
        opened => opened?,
    };
    // What can be listed cannot always be emptied.
    rustix::fs::fchmod(&below, Mode::RWXU)?;
    Ok(below)
}

/// Gives the owner of a directory all rights, and follows no link to do so.
fn unlock(above: &OwnedFd, name: &CStr) -> rustix::io::Result<()> {
    let held = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let held = rustix::fs::openat(above, name, held, Mode::empty())?;
    // A descriptor of this kind takes no `fchmod`; this link leads to what it holds.
    rustix::fs::chmod(format!("/proc/self/fd/{}", held.as_raw_fd()), Mode::RWXU)
}

/// Removes an entry, or moves it up where it is a directory.
fn raise(below: &OwnedFd, name: &CStr, above: &OwnedFd, number: u64) -> rustix::io::Result<()> {
    match rustix::fs::unlinkat(below, name, AtFlags::empty()) {
        Err(Errno::ISDIR | Errno::PERM) => {}
        done => return done,
    }
    let mut locked = true;
    loop {
        let fresh = format!("moved-{number}-{}", random());
        match rustix::fs::renameat_with(below, name, above, fresh, RenameFlags::NOREPLACE) {
            Err(Errno::EXIST) => {}
            // To be moved, a directory has to be writable.
            Err(Errno::ACCESS) if locked => {
                unlock(below, name)?;
                locked = false;
            }
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

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_link_in_the_place_of_a_directory_is_not_followed() {
        let (above, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::set_permissions(other.path(), Permissions::from_mode(0o500)).unwrap();
        symlink(other.path(), above.path().join("link")).unwrap();
        let opened = rustix::fs::openat(CWD, above.path(), DIRECTORY, Mode::empty()).unwrap();
        assert!(open(&opened, c"link").is_err());
        assert!(unlock(&opened, c"link").is_err());
        let mode = fs::metadata(other.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o500);
    }

    #[test]
    fn a_directory_that_is_closed_to_its_owner_is_opened() {
        let above = tempfile::tempdir().unwrap();
        let closed = above.path().join("closed");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
        let opened = rustix::fs::openat(CWD, above.path(), DIRECTORY, Mode::empty()).unwrap();
        unlock(&opened, c"closed").unwrap();
        let mode = fs::metadata(&closed).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
