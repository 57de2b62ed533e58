//! How much of everything there may be.

use std::time::Duration;

/// How much there may be below a root. Each has a default that suits tools.
///
/// What is there is counted when the root is opened, and kept count of from then on: each
/// operation is held against the sum of what is there and what is on its way, so that two writers
/// at once do not exceed it together. What other processes put there is counted by
/// [`recount`](super::FileOperations::recount), which also runs by itself before a quota is said
/// to be used up, at most once in a second.
///
/// ```
/// use purlin_guard::files::Quota;
///
/// let mut quota = Quota::default();
/// quota.bytes = 16 << 20;
/// assert_eq!(quota.files, 10_000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// How many bytes the files below the root may have together: 1 GiB. A file with two names
    /// counts twice.
    pub bytes: u64,
    /// How many names there may be below the root, of directories and links too: 10,000.
    pub files: u64,
    /// How many bytes a file may have that is written or read: 10 MiB.
    pub file_size: u64,
    /// How many entries a list or a search may have: 10,000. The paths of a search have 4 MiB
    /// together at most.
    pub listing: usize,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            bytes: 1 << 30,
            files: 10_000,
            file_size: 10 << 20,
            listing: 10_000,
        }
    }
}

/// How much is done at once, and for how long.
///
/// ```
/// use std::time::Duration;
/// use purlin_guard::files::Limits;
///
/// let mut limits = Limits::default();
/// limits.time = Duration::from_secs(2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many operations of a root run at the same time: 16. Each has a thread of tokio's for
    /// blocking work. The scopes of one root share four times as many.
    pub parallel: usize,
    /// How many operations wait for their turn: 256. Further ones are `busy`.
    pub waiting: usize,
    /// How long an operation may take, its wait for a turn included: 10 s.
    pub time: Duration,
    /// How many tenants are known at the same time: 1,024. Those that nobody holds make room.
    pub tenants: usize,
    /// How many directories are watched by one [`Watch`](super::Watch): 1,024.
    pub watched: usize,
    /// How many changes wait to be read from a [`Watch`](super::Watch): 1,024. Then it says that
    /// some were missed.
    pub changes: usize,
    /// How often a [`Watch`](super::Watch) looks at what there is, where the system does not tell:
    /// every second.
    pub look: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            parallel: 16,
            waiting: 256,
            time: Duration::from_secs(10),
            tenants: 1_024,
            watched: 1_024,
            changes: 1_024,
            look: Duration::from_secs(1),
        }
    }
}

/// How many bytes and names there are below a root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// The bytes of all files.
    pub bytes: u64,
    /// The names of files, directories, links and whatever else there is.
    pub files: u64,
}
