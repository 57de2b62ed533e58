//! How many threads there are, where no namespace and no control group counts them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::Pid;

use super::identity::{Identity, NOBODY};

/// Threads of a process; none where it is gone.
pub(super) fn of_process(pid: Pid) -> u64 {
    let directory = format!("/proc/{}", pid.as_raw_nonzero());
    status(Path::new(&directory)).unwrap_or(0)
}

/// Threads of all processes of the payload's user that can be seen.
pub(super) fn of_user(identity: Identity) -> u64 {
    let user = match identity {
        Identity::Nobody => NOBODY,
        Identity::Same => rustix::process::getuid().as_raw(),
    };
    let Ok(processes) = fs::read_dir("/proc") else {
        return 0;
    };
    let own = processes.flatten().filter(|process| {
        let named = process.file_name().to_string_lossy().parse::<u32>().is_ok();
        named && process.metadata().is_ok_and(|about| about.uid() == user)
    });
    own.filter_map(|process| status(&process.path())).sum()
}

fn status(process: &Path) -> Option<u64> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("Threads:"))?;
    line.trim().parse().ok()
}
