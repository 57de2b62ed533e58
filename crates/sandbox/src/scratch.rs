//! The directory in which a run of `Confined` has its own, on the side of the server.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

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

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed stays, under a name that tells whose it was.
        let _ = removal::remove(&self.0);
    }
}
