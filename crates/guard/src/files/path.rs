//! Texts that name something below a root.
//!
//! Nothing is decoded, expanded or brought into another form: `%2e`, `~`, `$HOME`, `*` and letters
//! of any case are names like others. What could mean one thing here and another elsewhere is
//! refused instead.

use std::fmt;

use super::FileError;

/// How many bytes a path may have.
const PATH: usize = 4_095;

/// How many bytes a name may have.
const NAME: usize = 255;

/// How many names a path may have.
const NAMES: usize = 128;

/// A path that was read, and that names something below a root.
///
/// It is relative, in UTF-8, of at most 4,095 bytes and 128 names of at most 255 bytes, and has no
/// backslash, no drive, no control character, and none that changes the direction of text or
/// cannot be seen. It may hold `..`; where that leads is found out when it is followed.
///
/// ```
/// use purlin_guard::files::RelativePath;
///
/// assert!(RelativePath::parse("notes/today.md").is_ok());
/// assert!(RelativePath::parse("100%/~/$HOME/*").is_ok(), "names like others");
/// assert_eq!(RelativePath::parse("/etc/passwd").unwrap_err().name(), "invalid_path");
/// assert_eq!(RelativePath::parse(r"a\b").unwrap_err().name(), "invalid_path");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RelativePath(String);

impl RelativePath {
    /// Reads a path.
    ///
    /// # Errors
    /// `invalid_path`, which says what is wrong, and `too_long`.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        if text.len() > PATH {
            return Err(FileError::TooLong);
        }
        if let Some(why) = fault(text) {
            return Err(FileError::InvalidPath(why));
        }
        let names = text.split('/').filter(|name| !name.is_empty());
        if names.clone().count() > NAMES || names.clone().any(|name| name.len() > NAME) {
            return Err(FileError::TooLong);
        }
        if !names.clone().all(is_portable) {
            return Err(FileError::InvalidPath(
                "a name in it means something else here",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The root itself, whose text is `.`.
    #[must_use]
    pub fn root() -> Self {
        Self(".".to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The directory that something is in, and its name there.
    pub(super) fn split(&self) -> Result<(&str, &str), FileError> {
        let (parent, name) = match self.0.rsplit_once('/') {
            Some((parent, name)) => (parent, name),
            None => (".", self.0.as_str()),
        };
        Ok((parent, last(name)?))
    }

    /// As [`split`](Self::split), where a slash at the end is no matter: for a new directory.
    pub(super) fn split_directory(&self) -> Result<(&str, &str), FileError> {
        let text = self.0.trim_end_matches('/');
        let (parent, name) = text.rsplit_once('/').unwrap_or((".", text));
        Ok((parent, last(name)?))
    }

    /// The paths of all directories on the way, from the outermost on, itself included.
    pub(super) fn ancestors(&self) -> impl Iterator<Item = &str> {
        let text = self.0.trim_end_matches('/');
        let inner = text.match_indices('/').map(|(at, _)| &text[..at]);
        inner.chain([text]).filter(|path| !path.is_empty())
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for RelativePath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// The last name of a path, which leads neither up nor nowhere.
fn last(name: &str) -> Result<&str, FileError> {
    match name {
        "" => Err(FileError::InvalidPath("it ends in a slash")),
        "." | ".." => Err(FileError::InvalidPath("it ends in no name")),
        name => Ok(name),
    }
}

/// What is wrong about a text.
fn fault(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    match bytes {
        [] => Some("it is empty"),
        [b'/', ..] => Some("it is absolute"),
        [drive, b':', ..] if drive.is_ascii_alphabetic() => Some("it names a drive"),
        _ if bytes.contains(&b'\\') => Some("there is a backslash in it"),
        _ if text.chars().any(char::is_control) => Some("there is a control character in it"),
        _ if text.chars().any(is_invisible) => Some("there is an invisible character in it"),
        _ => None,
    }
}

/// Whether a character changes the direction of text, or cannot be seen: two names that differ in
/// it alone look the same.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

/// Whether a name is a name on this system. On Windows some are devices or streams, and dots and
/// spaces at the end are lost.
#[cfg(windows)]
fn is_portable(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let is_device = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device));
    let upper = stem.to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|kind| {
        let number = upper.strip_prefix(kind);
        number.is_some_and(|it| it.len() <= 2 && it.starts_with(|c: char| c.is_numeric()))
    });
    let is_plain = matches!(name, "." | "..") || !name.ends_with(['.', ' ']);
    let refused = |c| matches!(c, ':' | '<' | '>' | '"' | '|' | '?' | '*');
    is_plain && !is_device && !numbered && !name.contains(refused)
}

#[cfg(not(windows))]
fn is_portable(_name: &str) -> bool {
    true
}
