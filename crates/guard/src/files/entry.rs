//! What is known of what there is.

use std::time::SystemTime;

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A pipe, a socket or a device. Nothing of the kind is ever opened.
    Other,
}

/// What is known of a file or directory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Its size in bytes; 0 if it is no file.
    pub size: u64,
    /// When its contents changed, if the system knows.
    pub modified: Option<SystemTime>,
}

/// Something in a directory. Of a link, this is what is known of the link.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its name in the directory.
    pub name: String,
    /// What is known of it.
    pub stat: Stat,
}

/// What there is in a directory, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing {
    /// As much as [`Quota::listing`](super::Quota::listing) allows.
    pub entries: Vec<Entry>,
    /// Whether there is more.
    pub more: bool,
    /// How many entries have a name that no path may hold. They are left out.
    pub unnamed: usize,
}

/// What a pattern was found to match, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// Paths relative to the root, as many as [`Quota::listing`](super::Quota::listing) allows.
    pub paths: Vec<String>,
    /// Whether the search ended before everything was seen.
    pub more: bool,
}
