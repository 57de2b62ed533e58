//! Which processes of runs there are, as the host sees them.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// A variable that every process of a run inherits, and its value for runs of this process.
pub(crate) const MARK: &str = "ATTACK";

/// How long a process may take to be gone once it was killed: as long as a busy machine takes.
const PATIENCE: Timespec = Timespec {
    tv_sec: 20,
    tv_nsec: 0,
};

pub(crate) fn mark() -> String {
    format!("attack-of-{}", std::process::id())
}

/// Waits until no process is left that a run has made, wherever it has got to.
pub(crate) fn all_end() {
    let of_here = || below(std::process::id()).into_iter().chain(marked(&mark()));
    let open: Vec<_> = of_here().filter_map(handle).collect();
    wait(&open);
    let left: Vec<_> = of_here().filter(|pid| !is_dead(*pid)).map(about).collect();
    assert!(left.is_empty(), "processes are left: {left:?}");
}

/// A handle of a process, for [`wait`].
pub(crate) fn handle(pid: u32) -> Option<OwnedFd> {
    let pid = Pid::from_raw(pid.cast_signed())?;
    pidfd_open(pid, PidfdFlags::empty()).ok()
}

/// Waits until processes have ended.
pub(crate) fn wait(handles: &[OwnedFd]) {
    for handle in handles {
        let mut polled = [PollFd::new(handle, PollFlags::IN)];
        let ended = rustix::io::retry_on_intr(|| rustix::event::poll(&mut polled, Some(&PATIENCE)));
        assert_eq!(ended, Ok(1), "a process goes on");
    }
}

/// All processes that a process has started, and those that these have.
pub(crate) fn below(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for pid in all() {
        if let Some(parent) = parent(pid) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = Vec::new();
    let mut next = vec![root];
    let mut seen = HashSet::new();
    while let Some(pid) = next.pop() {
        for child in children.get(&pid).into_iter().flatten() {
            if seen.insert(*child) {
                found.push(*child);
                next.push(*child);
            }
        }
    }
    found
}

/// All processes with some mark.
pub(crate) fn marked(mark: &str) -> Vec<u32> {
    let text = format!("{MARK}={mark}");
    let is_marked = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let mut variables = environment.split(|byte| *byte == 0);
        variables.any(|variable| variable == text.as_bytes())
    };
    all().into_iter().filter(is_marked).collect()
}

/// Whether a process has ended, also if nobody has asked for its end yet.
fn is_dead(pid: u32) -> bool {
    status(pid, "State:").is_none_or(|state| state.starts_with(['Z', 'X']))
}

fn about(pid: u32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    format!("{pid}: {}", String::from_utf8_lossy(&line))
}

fn parent(pid: u32) -> Option<u32> {
    status(pid, "PPid:")?.parse().ok()
}

fn status(pid: u32, key: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(key))?;
    Some(value.trim().to_owned())
}

fn all() -> Vec<u32> {
    let entries = fs::read_dir(Path::new("/proc")).unwrap().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| name.parse().ok()).collect()
}
