//! The files of a run: values in the memory of the host, and nowhere else.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::code::{Limits, OutputFile};

/// The longest name, in bytes.
const NAME: usize = 255;

/// The files of a run, by name. There are no directories.
#[derive(Debug)]
pub(super) struct Files {
    all: BTreeMap<String, File>,
    /// How many bytes there may still be.
    room: u64,
    largest: u64,
    most: u64,
}

#[derive(Debug)]
struct File {
    bytes: Bytes,
    /// Whether it is as it was given.
    given: bool,
}

impl Files {
    /// The files a run is given. The executor has checked names and sizes.
    pub(super) fn new(given: Vec<(String, Bytes)>, taken: u64, limits: &Limits) -> Self {
        let sizes = given.iter().map(|(_, bytes)| bytes.len() as u64);
        let room = limits.work.saturating_sub(taken + sizes.sum::<u64>());
        let given = given.into_iter();
        Self {
            all: given
                .map(|(name, bytes)| (name, File { bytes, given: true }))
                .collect(),
            room,
            largest: limits.file,
            most: limits.work_files,
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<Bytes> {
        self.all.get(name).map(|file| file.bytes.clone())
    }

    /// The name at a place in their order.
    pub(super) fn name(&self, at: usize) -> Option<&str> {
        self.all.keys().nth(at).map(String::as_str)
    }

    /// Whether a file of this size would fit, and if not, why.
    pub(super) fn admits(&self, name: &str, size: usize) -> Result<(), &'static str> {
        check_name(name)?;
        let size = size as u64;
        if size > self.largest {
            return Err("the file is too large");
        }
        let before = self.all.get(name);
        let freed = before.map_or(0, |file| file.bytes.len() as u64);
        if size > self.room + freed {
            return Err("there is no space left");
        }
        match before.is_none() && self.all.len() as u64 >= self.most {
            true => Err("there are too many files"),
            false => Ok(()),
        }
    }

    /// Puts a file there that [fits](Self::admits).
    pub(super) fn put(&mut self, name: String, bytes: Bytes) {
        let size = bytes.len() as u64;
        let file = File {
            bytes,
            given: false,
        };
        let before = self.all.insert(name, file);
        let freed = before.map_or(0, |file| file.bytes.len() as u64);
        self.room = (self.room + freed).saturating_sub(size);
    }

    /// Whether there was such a file.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        let removed = self.all.remove(name);
        self.room += removed.as_ref().map_or(0, |file| file.bytes.len() as u64);
        removed.is_some()
    }

    /// The files that were made or changed, as many as are returned, and how many are left out.
    pub(super) fn returned(self, limits: &Limits) -> (Vec<OutputFile>, usize) {
        let mut returned = Vec::new();
        let mut left_out = 0;
        let mut room = limits.files_bytes;
        for (name, file) in self.all.into_iter().filter(|(_, file)| !file.given) {
            let size = file.bytes.len() as u64;
            if returned.len() < limits.files && size <= room {
                room -= size;
                let bytes = file.bytes;
                returned.push(OutputFile { name, bytes });
            } else {
                left_out += 1;
            }
        }
        (returned, left_out)
    }
}

/// Whether a name can be that of a file.
fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name == "." || name == ".." {
        Err("a file needs a name")
    } else if name.len() > NAME {
        Err("the name is too long")
    } else if name.contains(['/', '\\']) {
        Err("there are no directories here")
    } else if name.chars().any(char::is_control) {
        Err("there are control characters in the name")
    } else {
        Ok(())
    }
}
