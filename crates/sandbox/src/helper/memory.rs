//! How much memory a box uses, where there is no control group to say so and to stop it.
//!
//! Limits of the kernel on one process are no limit of several, and memory that is shared without a
//! file counts for none. So the helper looks now and then. A payload may use more for that moment.

use std::fs;
use std::io;

use rustix::process::Pid;

/// How many processes are looked at; more than a box ever has.
const PROCESSES: usize = 4096;

/// The memory in bytes of a process and all below it, shared pages counted once for each. What has just
/// ended counts for nothing, and what is there and cannot be read for more than anybody may have.
pub(super) fn of_tree(root: Pid) -> u64 {
    let mut found = vec![root.as_raw_nonzero().get()];
    let mut looked_at = 0;
    let mut sum: u64 = 0;
    while looked_at < found.len().min(PROCESSES) {
        let pid = found[looked_at];
        looked_at += 1;
        sum = sum.saturating_add(of_process(pid));
        found.extend(children(pid));
    }
    sum
}

/// What takes memory: pages that are not those of files, which others have as well, be they swapped
/// out or huge, and the tables that lead to them.
const KINDS: [&str; 5] = [
    "RssAnon:",
    "RssShmem:",
    "VmSwap:",
    "VmPTE:",
    "HugetlbPages:",
];

fn of_process(pid: i32) -> u64 {
    match fs::read_to_string(format!("/proc/{pid}/status")) {
        Ok(status) => KINDS.iter().map(|kind| bytes(&status, kind)).sum(),
        Err(error) if is_gone(&error) => 0,
        Err(_) => u64::MAX,
    }
}

fn is_gone(error: &io::Error) -> bool {
    let raced = error.raw_os_error() == Some(libc::ESRCH);
    raced || error.kind() == io::ErrorKind::NotFound
}

/// The value of a line; nothing where there is none, as for a process that has just ended.
fn bytes(status: &str, key: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let number = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: Option<u64> = number.and_then(|number| number.parse().ok());
    kibibytes.unwrap_or(0).saturating_mul(1024)
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
    fn all_kinds_of_memory_count() {
        let status = "RssAnon:\t 1 kB\nRssFile:\t 64 kB\nRssShmem:\t 2 kB\nVmPTE:\t 4 kB\n\
            VmSwap:\t 8 kB\nHugetlbPages:\t 16 kB\n";
        let sum: u64 = KINDS.iter().map(|kind| bytes(status, kind)).sum();
        assert_eq!(sum, 31 << 10);
        assert_eq!(bytes("State:\tZ (zombie)\n", KINDS[0]), 0);
    }

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
