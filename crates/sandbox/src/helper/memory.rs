//! How much memory a box uses, where there is no control group to say so and to stop it.
//!
//! Limits of the kernel on one process are no limit of several, and memory that is shared without a
//! file counts for none. So the helper looks now and then. A payload may use more for that moment.

use std::fs;

use rustix::process::Pid;

/// How many processes are looked at; more than a box ever has.
const PROCESSES: usize = 4096;

/// The memory in bytes of a process and all below it, shared pages counted once for each. What cannot
/// be read counts for nothing: it has just ended.
pub(super) fn of_tree(root: Pid) -> u64 {
    let mut found = vec![root.as_raw_nonzero().get()];
    let mut looked_at = 0;
    let mut sum: u64 = 0;
    while looked_at < found.len().min(PROCESSES) {
        let pid = found[looked_at];
        looked_at += 1;
        sum = sum.saturating_add(resident(pid).unwrap_or(0));
        found.extend(children(pid));
    }
    sum
}

/// Pages in memory that are not those of files, which others have as well.
fn resident(pid: i32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kibibytes = |key| {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    Some((kibibytes("RssAnon:")? + kibibytes("RssShmem:")?) * 1024)
}

/// The children of all threads of a process.
fn children(pid: i32) -> Vec<i32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let parse = |list: String| -> Vec<i32> {
        list.split_whitespace()
            .filter_map(|pid| pid.parse().ok())
            .collect()
    };
    lists.flat_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_uses_what_it_has_written_to() {
        let before = of_tree(rustix::process::getpid());
        let memory = vec![1_u8; 64 << 20];
        let after = of_tree(rustix::process::getpid());
        assert!(
            after > before / 2 + (32 << 20),
            "{before} {after} {}",
            memory[5]
        );
    }
}
