//! A file that is being written, under a name that nobody knows.

use std::ffi::OsStr;

use crate::files::FileError;
use crate::files::directory::Directory;
use crate::files::ledger::Ledger;

const START: &str = ".purlin-";
const END: &str = ".part";

/// A file that is complete and on disk, and has its name yet to get. It is removed unless it does.
pub(super) struct Draft<'a> {
    directory: &'a Directory,
    ledger: &'a Ledger,
    name: String,
    /// Whether it has its name.
    pub(super) is_done: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn write(
        directory: &'a Directory,
        ledger: &'a Ledger,
        contents: &[u8],
    ) -> Result<Self, FileError> {
        let name = format!("{START}{}{END}", random()?);
        ledger.books().pending().insert(name.clone());
        let draft = Self {
            directory,
            ledger,
            name,
            is_done: false,
        };
        directory.create(draft.name(), contents)?;
        Ok(draft)
    }

    pub(super) fn name(&self) -> &OsStr {
        OsStr::new(&self.name)
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            // It may not even have come to be. If it cannot be removed it is when the root is
            // opened the next time.
            let _ = self.directory.unlink(self.name());
        }
        self.ledger.books().pending().remove(&self.name);
    }
}

/// Whether a name is one of a draft.
pub(in super::super) fn is_draft(name: &OsStr) -> bool {
    let name = name.to_str().and_then(|it| it.strip_prefix(START));
    let middle = name.and_then(|it| it.strip_suffix(END));
    middle.is_some_and(|it| it.len() == 32 && it.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The name that something is to get; none of a draft, which would neither be listed nor stay.
pub(super) fn given(name: &str) -> Result<&OsStr, FileError> {
    let name = OsStr::new(name);
    match is_draft(name) {
        true => Err(FileError::InvalidPath(
            "its name is one of those that files have while they are written",
        )),
        false => Ok(name),
    }
}

/// 128 bits that nobody guesses, in hexadecimal digits.
pub(in super::super) fn random() -> Result<String, FileError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| FileError::Io(error.to_string().into()))?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}
