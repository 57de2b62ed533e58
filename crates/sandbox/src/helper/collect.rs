//! What a run leaves in its work directory.
//!
//! Read when all processes of the run are dead, so nothing changes meanwhile. Links are not
//! followed, and nothing but regular files is opened: no pipe keeps the helper waiting.

use std::collections::HashMap;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};

use crate::check::file_name;
use crate::plan::{File, OutputFiles};

/// How many entries are looked at. A file system without a limit of its own holds any number.
const ENTRIES: u64 = 65_536;

/// The files below a directory, and how many entries are not among them.
pub(super) fn collect(work: &OwnedFd, given: &[File], limit: &OutputFiles) -> (Vec<File>, u64) {
    let given = given
        .iter()
        .map(|file| (file.name.as_str(), file.bytes.as_slice()));
    let mut found = Found {
        given: given.collect(),
        files: Vec::new(),
        bytes: limit.bytes,
        count: limit.count,
        left_out: 0,
        looked_at: 0,
    };
    found.directory(work.as_fd(), "");
    found.files.sort_by(|one, other| one.name.cmp(&other.name));
    (found.files, found.left_out)
}

struct Found<'a> {
    given: HashMap<&'a str, &'a [u8]>,
    files: Vec<File>,
    /// How many more bytes and files may be handed out.
    bytes: u64,
    count: u64,
    left_out: u64,
    looked_at: u64,
}

impl Found<'_> {
    fn directory(&mut self, directory: BorrowedFd<'_>, prefix: &str) {
        let Ok(entries) = Dir::read_from(directory) else {
            self.left_out += 1;
            return;
        };
        for entry in entries {
            let Ok(entry) = entry else {
                self.left_out += 1;
                return;
            };
            if matches!(entry.file_name().to_bytes(), b"." | b"..") {
                continue;
            }
            self.looked_at += 1;
            if self.looked_at > ENTRIES {
                self.left_out += 1;
                return;
            }
            self.entry(directory, entry.file_name(), prefix);
        }
    }

    fn entry(&mut self, directory: BorrowedFd<'_>, entry: &std::ffi::CStr, prefix: &str) {
        let name = entry.to_str().ok().map(|entry| format!("{prefix}{entry}"));
        let Some(name) = name.filter(|name| file_name(name).is_ok()) else {
            self.left_out += 1;
            return;
        };
        let Ok(about) = rustix::fs::statat(directory, entry, AtFlags::SYMLINK_NOFOLLOW) else {
            self.left_out += 1;
            return;
        };
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let open = |more| rustix::fs::openat(directory, entry, flags | more, Mode::empty());
        let done = match FileType::from_raw_mode(about.st_mode) {
            FileType::Directory => open(OFlags::DIRECTORY)
                .map(|below| self.directory(below.as_fd(), &format!("{name}/")))
                .is_ok(),
            // What will not be handed out is not read: holes have any length.
            FileType::RegularFile if !self.may_fit(&name, about.st_size) => false,
            FileType::RegularFile => open(OFlags::NOCTTY)
                .map_err(io::Error::from)
                .and_then(|file| self.file(name, file))
                .unwrap_or(false),
            _ => false,
        };
        self.left_out += u64::from(!done);
    }

    /// Whether a file of this size can be handed out, or be as it was given.
    fn may_fit(&self, name: &str, size: i64) -> bool {
        let Ok(size) = u64::try_from(size) else {
            return false;
        };
        let given = self.given.get(name);
        let unchanged = given.is_some_and(|given| given.len() as u64 == size);
        unchanged || self.count > 0 && size <= self.bytes
    }

    /// Reads a file unless it is as it was given. Tells whether there is nothing to complain of.
    fn file(&mut self, name: String, file: OwnedFd) -> io::Result<bool> {
        let mut bytes = Vec::new();
        let bound = self.bytes.max(
            self.given
                .get(name.as_str())
                .map_or(0, |given| given.len() as u64),
        );
        std::fs::File::from(file)
            .take(bound + 1)
            .read_to_end(&mut bytes)?;
        if self.given.get(name.as_str()) == Some(&bytes.as_slice()) {
            return Ok(true);
        }
        let size = bytes.len() as u64;
        if self.count == 0 || size > self.bytes {
            return Ok(false);
        }
        self.count -= 1;
        self.bytes -= size;
        self.files.push(File::new(name, bytes));
        Ok(true)
    }
}
