//! The directory in which a run of `Confined` has its own, on the side of the server.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::removal;

/// A directory for one run, for [`Plan::scratch`](crate::Plan::scratch). Dropping it removes it.
///
/// A helper removes what it has made in it. One that was killed cannot, so whoever started it keeps
/// this until the helper has been waited for. However deep or closed to others the payload has made
/// its directories, all of them are removed; that reads and writes files, so not on a thread that
/// others wait for.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes a directory in one that is there and that every user may enter, such as
    /// [`temp_dir`](std::env::temp_dir). Its name holds the number of this process.
    ///
    /// # Errors
    ///
    /// Where it cannot be made.
    pub fn make(above: &Path) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!(
            "purlin-{}-{count}-{:08x}",
            std::process::id(),
            removal::random() >> 32
        );
        let directory = above.join(name);
        // Fails where there is something of that name, be it a link.
        fs::DirBuilder::new().mode(0o700).create(&directory)?;
        let scratch = Self(directory);
        // Another user, who the payload may be, passes through and sees nothing.
        fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o711))?;
        Ok(scratch)
    }

    /// Removes directories of this user's servers that are no more, as their names tell, and that
    /// nobody has touched for a day: a process of that number may be one that cannot be seen from
    /// here.
    pub fn remove_remains(above: &Path) {
        let user = rustix::process::geteuid().as_raw();
        let entries = fs::read_dir(above);
        for entry in entries.into_iter().flatten().flatten() {
            let name = entry.file_name();
            let owner = name.to_str().and_then(owner);
            let gone = owner.is_some_and(|owner| !Path::new("/proc").join(owner).exists());
            // Follows no link.
            let about = entry.metadata();
            if gone && about.is_ok_and(|about| about.uid() == user && is_old(&about)) {
                let _ = removal::remove(&entry.path());
            }
        }
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.0
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn is_old(about: &fs::Metadata) -> bool {
    let age = about.modified().ok().and_then(|time| time.elapsed().ok());
    about.is_dir() && age.is_some_and(|age| age > DAY)
}

/// The number of the process that made a directory of this name.
fn owner(name: &str) -> Option<&str> {
    let mut parts = name.strip_prefix("purlin-")?.split('-');
    let (owner, count, random) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let is_random = random.len() == 8 && random.bytes().all(|it| it.is_ascii_hexdigit());
    let whole = is_number(owner) && is_number(count) && is_random && parts.next().is_none();
    whole.then_some(owner)
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed stays, under a name that tells whose it was.
        let _ = removal::remove(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_dead_servers_have_left_is_removed() {
        let above = tempfile::tempdir().unwrap();
        // No process has such a number.
        let gone = format!("purlin-{}-0-0123abcd", u32::MAX);
        let own = format!("purlin-{}-0-0123abcd", std::process::id());
        let fresh = format!("purlin-{}-1-0123abcd", u32::MAX);
        let other = format!("purlin-{}-other", u32::MAX);
        let all = [&gone, &own, &fresh, &other];
        for name in all {
            let directory = above.path().join(name);
            fs::create_dir_all(directory.join("below")).unwrap();
            if *name != fresh {
                let old = SystemTime::now() - 2 * DAY;
                fs::File::open(&directory)
                    .unwrap()
                    .set_modified(old)
                    .unwrap();
            }
        }
        Scratch::remove_remains(above.path());
        let left = all.map(|name| above.path().join(name).exists());
        assert_eq!(left, [false, true, true, true]);
    }
}
