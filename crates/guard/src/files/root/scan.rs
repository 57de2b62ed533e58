//! Everything, counted.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::time::{Duration, SystemTime};

use cap_std::fs::Metadata;

use super::draft::is_draft;
use super::{DEPTH, Root};
use crate::files::FileError;
use crate::files::directory::Directory;
use crate::files::ledger::Count;
use crate::files::{Usage, directory};

/// How old a file is that a process began to write and did not live to finish.
const STALE: Duration = Duration::from_secs(3_600);

impl Root {
    /// Counts what is below the root, until there is more than there may be.
    pub(super) fn count(&self, pending: &HashSet<String>) -> Result<Count, FileError> {
        let mut scan = Scan {
            pending,
            most: self.quota().files,
            count: Count::default(),
            now: SystemTime::now(),
            sweeps: !self.read_only,
        };
        scan.directory(&self.directory, 0)?;
        Ok(scan.count)
    }
}

struct Scan<'a> {
    pending: &'a HashSet<String>,
    most: u64,
    count: Count,
    now: SystemTime,
    /// Whether what processes left behind is removed.
    sweeps: bool,
}

impl Scan<'_> {
    fn directory(&mut self, directory: &Directory, depth: usize) -> Result<(), FileError> {
        if depth > DEPTH {
            self.count.more = true;
            return Ok(());
        }
        let entries = match directory.entries() {
            // Whoever may not look into it cannot put anything there either.
            Err(error) if depth > 0 && error.kind() == ErrorKind::PermissionDenied => return Ok(()),
            entries => entries?,
        };
        // Reading it has ended before what is in it is opened: however deep it goes, one handle
        // is open for each directory on the way.
        let mut inner = Vec::new();
        for name in entries {
            let name = name?;
            if self.name(directory, &name)? {
                inner.push(name);
            }
            if self.count.more {
                return Ok(());
            }
        }
        for name in inner {
            self.inside(directory, &name, depth)?;
            if self.count.more {
                break;
            }
        }
        Ok(())
    }

    /// Counts a name; whether it is that of a directory.
    fn name(&mut self, at: &Directory, name: &OsStr) -> Result<bool, FileError> {
        if name.to_str().is_some_and(|it| self.pending.contains(it)) {
            return Ok(false);
        }
        let found = match at.stat(name) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            found => found?,
        };
        if self.is_left_behind(name, &found) && at.unlink(name).is_ok() {
            return Ok(false);
        }
        let size = if found.is_file() { found.len() } else { 0 };
        self.count.usage.add(Usage::one(size));
        self.count.more = self.count.usage.files > self.most;
        Ok(found.is_dir())
    }

    fn inside(&mut self, at: &Directory, name: &OsStr, depth: usize) -> Result<(), FileError> {
        match at.child(name) {
            // It went, or something else has its name.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(())
            }
            Err(error) if directory::is_link(&error) => Ok(()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
            child => self.directory(&child?, depth + 1),
        }
    }

    fn is_left_behind(&self, name: &OsStr, found: &Metadata) -> bool {
        let written = found.modified().ok();
        let age = written.and_then(|then| self.now.duration_since(then.into_std()).ok());
        self.sweeps && found.is_file() && is_draft(name) && age.is_some_and(|age| age > STALE)
    }
}
