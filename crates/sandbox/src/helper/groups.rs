//! The control groups of a run, as the helper uses them: it puts the payload in and reads what was
//! counted. They are made and removed by whoever started the helper.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::report::{Failure, Stage};

use super::At;

/// Goes into each of the groups, in both versions by writing 0 for oneself.
pub(super) fn join(groups: &[PathBuf]) -> Result<(), Failure> {
    // The kernel has made the file: what has none is no control group.
    let enter = |group: &PathBuf| {
        let mut processes = fs::File::options()
            .write(true)
            .open(group.join("cgroup.procs"))?;
        processes.write_all(b"0")
    };
    groups.iter().try_for_each(enter).at(Stage::Cgroup)
}

/// What the groups have counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// Whether somebody was killed for lack of memory.
    pub(super) out_of_memory: bool,
    pub(super) peak_memory: Option<u64>,
    pub(super) cpu: Option<Duration>,
}

pub(super) fn read(groups: &[PathBuf]) -> Counted {
    let mut counted = Counted::default();
    for group in groups {
        let kills = keyed(group, "memory.events", "oom_kill")
            .or_else(|| keyed(group, "memory.oom_control", "oom_kill"));
        counted.out_of_memory |= kills.is_some_and(|kills| kills > 0);
        let peak =
            number(group, "memory.peak").or_else(|| number(group, "memory.max_usage_in_bytes"));
        counted.peak_memory = counted.peak_memory.max(peak);
        let cpu = keyed(group, "cpu.stat", "usage_usec").map(Duration::from_micros);
        let older = || number(group, "cpuacct.usage").map(Duration::from_nanos);
        counted.cpu = counted.cpu.max(cpu.or_else(older));
    }
    counted
}

fn text(group: &Path, file: &str) -> io::Result<String> {
    fs::read_to_string(group.join(file))
}

fn number(group: &Path, file: &str) -> Option<u64> {
    text(group, file).ok()?.trim().parse().ok()
}

/// The number behind a key in a file of lines of both.
fn keyed(group: &Path, file: &str, key: &str) -> Option<u64> {
    let text = text(group, file).ok()?;
    let mut lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(name, _)| *name == key)?.1.trim().parse().ok()
}
