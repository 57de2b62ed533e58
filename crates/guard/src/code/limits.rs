//! How much of everything code may have.

use std::time::Duration;

/// How much of everything code may have. Each has a default that suits tools.
///
/// ```
/// use std::time::Duration;
/// use purlin_guard::code::Limits;
///
/// let mut limits = Limits::default();
/// limits.wall = Duration::from_secs(5);
/// limits.memory = 256 << 20;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// How long a run may take: 30 s. Waiting in the queue does not count.
    pub wall: Duration,
    /// How much time of processors a run may take: 10 s, counted in whole seconds.
    pub cpu: Duration,
    /// How much memory a run may take, in bytes: 512 MiB. How that is measured is a matter of the
    /// language: see [`MemoryRule`](super::MemoryRule).
    pub memory: u64,
    /// How many processes and threads a run may have at the same time: 16.
    pub processes: u32,
    /// The largest file that a run may write, in bytes: 16 MiB.
    pub file: u64,
    /// How many bytes there may be in the work directory, what was put there included: 64 MiB.
    pub work: u64,
    /// How many files and directories there may be in the work directory: 4,096.
    pub work_files: u64,
    /// How many bytes of each stream of output are kept: 1 MiB. What is printed beyond that is
    /// dropped, and the output is [marked](super::Output::is_cut).
    pub output: usize,
    /// How many bytes of each stream are read at all: 64 MiB. Who prints more is stopped, and the
    /// error is `output_limit`.
    pub printed: u64,
    /// How many files are returned: 64.
    pub files: usize,
    /// How many bytes the files that are returned may have together: 16 MiB.
    pub files_bytes: u64,
    /// How many runs there may be at the same time: 4. One that was given up makes room at once, while
    /// its box may take two seconds more to end.
    pub at_once: usize,
    /// How many may wait beside those: 16. Further ones are `busy`.
    pub queue: usize,
    /// How long one may wait: 30 s. After that it is `busy`. A run of a tenant waits for a slot of the
    /// tenant and then for one of all, for up to this each time.
    pub wait: Duration,
    /// As [`at_once`](Self::at_once), for each tenant: 2.
    pub tenant_at_once: usize,
    /// As [`queue`](Self::queue), for each tenant: 8.
    pub tenant_queue: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(30),
            cpu: Duration::from_secs(10),
            memory: 512 << 20,
            processes: 16,
            file: 16 << 20,
            work: 64 << 20,
            work_files: 4096,
            output: 1 << 20,
            printed: 64 << 20,
            files: 64,
            files_bytes: 16 << 20,
            at_once: 4,
            queue: 16,
            wait: Duration::from_secs(30),
            tenant_at_once: 2,
            tenant_queue: 8,
        }
    }
}
