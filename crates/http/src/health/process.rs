//! What this process uses of the machine.

use std::time::Duration;

/// The memory of the process that is in RAM, in bytes; only where the system
/// tells.
#[cfg(target_os = "linux")]
pub(super) fn resident_bytes() -> Option<u64> {
    // Not a file on a disk: the kernel writes it while it is read.
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn resident_bytes() -> Option<u64> {
    None
}

/// The processor time of all threads so far.
#[cfg(unix)]
pub(super) fn cpu_time() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};

    let used = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(used.tv_sec).ok()?;
    let nanos = u32::try_from(used.tv_nsec).ok()?;
    Some(Duration::new(seconds, nanos))
}

#[cfg(not(unix))]
pub(super) fn cpu_time() -> Option<Duration> {
    None
}
