//! How much memory all processes of a run have together.
//!
//! A limit of resources holds for one process. Where there is no control group to hold all of a
//! run together, `/proc` is looked at from outside, ten times a second: coarse, but nobody inside
//! can get around it, and the memory of a machine is not filled in a tenth of a second.

use std::fs;

/// How many processes are looked at; no run has more.
const MOST: usize = 4096;

/// Looks at how much memory a process and all that it started have together.
#[derive(Debug)]
pub(super) struct MemoryWatch {
    root: Option<u32>,
    most: u64,
    peak: u64,
}

impl MemoryWatch {
    /// Looks at a process and what it starts; at nothing, without one.
    pub(super) fn new(root: Option<u32>, most: u64) -> Self {
        Self {
            root,
            most,
            peak: 0,
        }
    }

    /// Looks, and says whether it is too much.
    pub(super) fn is_exceeded(&mut self) -> bool {
        let now = self.root.map_or(0, in_use);
        self.peak = self.peak.max(now);
        now > self.most
    }

    /// The most that was seen, in bytes.
    pub(super) fn peak(&self) -> u64 {
        self.peak
    }
}

/// What the descendants of a process have in memory for themselves, in bytes. What is not known
/// counts as nothing: a process may end at any moment.
fn in_use(root: u32) -> u64 {
    let mut sum = 0;
    let mut open = children(root);
    let mut seen = 0;
    while let Some(process) = open.pop() {
        seen += 1;
        if seen > MOST {
            break;
        }
        sum += resident(process).unwrap_or(0);
        open.extend(children(process));
    }
    sum
}

fn resident(process: u32) -> Option<u64> {
    let pages = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let mut pages = pages.split(' ').skip(1).map(str::parse::<u64>);
    let (all, shared) = (pages.next()?.ok()?, pages.next()?.ok()?);
    Some(all.saturating_sub(shared) * rustix::param::page_size() as u64)
}

/// The children of all threads of a process.
fn children(process: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else {
        return Vec::new();
    };
    let lists = threads.flatten().map(|thread| {
        let list = fs::read_to_string(thread.path().join("children"));
        list.unwrap_or_default()
    });
    let mut children = Vec::new();
    for list in lists {
        children.extend(
            list.split_whitespace()
                .filter_map(|it| it.parse::<u32>().ok()),
        );
    }
    children
}
