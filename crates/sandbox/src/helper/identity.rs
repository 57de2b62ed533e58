//! Who the payload is.
//!
//! A server that runs as root runs nothing of somebody else's as root: the payload becomes `nobody`
//! of the host. That keeps it from files that only root may read, should another layer fail, and it
//! makes the limit of processes count, from which the kernel exempts root. An unprivileged server has
//! no other user to give than its own.

use std::io;

use rustix::process::Pid;
use rustix::thread::{Gid, Uid};

use crate::feature::Feature;
use crate::report::{Failure, Stage};

use super::At;

/// `nobody` and `nogroup` of the host.
pub(super) const NOBODY: u32 = 65_534;
/// The payload's user and group inside of a user namespace.
pub(super) const INSIDE: u32 = 1000;

/// Whom the payload runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// As `nobody`, since the server is root.
    Nobody,
    /// As the user of the server.
    Same,
}

impl Identity {
    pub(super) fn detect() -> Self {
        let root = rustix::process::geteuid().is_root();
        match root && is_mapped("/proc/self/uid_map") && is_mapped("/proc/self/gid_map") {
            true => Self::Nobody,
            false => Self::Same,
        }
    }

    /// Writes the maps of the user namespace that `process` is in, from outside of it.
    pub(super) fn map(self, process: Pid) -> io::Result<()> {
        let directory = format!("/proc/{}", process.as_raw_nonzero());
        let lines = |own: u32| match self {
            Self::Nobody => format!("0 0 1\n{INSIDE} {NOBODY} 1\n"),
            Self::Same => format!("{INSIDE} {own} 1\n"),
        };
        let (uid, gid) = (rustix::process::geteuid(), rustix::process::getegid());
        std::fs::write(format!("{directory}/setgroups"), "deny")?;
        std::fs::write(format!("{directory}/gid_map"), lines(gid.as_raw()))?;
        std::fs::write(format!("{directory}/uid_map"), lines(uid.as_raw()))
    }

    /// Leaves the groups of root behind, which an unprivileged user has no right to do.
    pub(super) fn leave_groups(self) -> Result<(), Failure> {
        match self {
            Self::Nobody => {
                rustix::thread::set_thread_groups(&[]).lacks(Stage::User, Feature::ChangeUser)
            }
            Self::Same => Ok(()),
        }
    }

    /// Becomes the payload's user, `id` being its number in the namespace this process is in.
    pub(super) fn assume(self, id: u32) -> Result<(), Failure> {
        if self == Self::Same {
            return Ok(());
        }
        let (uid, gid) = (Uid::from_raw(id), Gid::from_raw(id));
        rustix::thread::set_thread_res_gid(gid, gid, gid)
            .and_then(|()| rustix::thread::set_thread_res_uid(uid, uid, uid))
            .lacks(Stage::User, Feature::ChangeUser)
    }
}

/// Whether `nobody` exists in the user namespace the server is in.
fn is_mapped(map: &str) -> bool {
    let Ok(map) = std::fs::read_to_string(map) else {
        return false;
    };
    map.lines().any(|line| covers(line, NOBODY))
}

/// Whether a line of a map (first inside, first outside, count) covers an id inside.
fn covers(line: &str, id: u32) -> bool {
    let mut numbers = line.split_whitespace().map(str::parse::<u64>);
    match (numbers.next(), numbers.nth(1)) {
        (Some(Ok(first)), Some(Ok(count))) => (first..first + count).contains(&u64::from(id)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_covers_what_it_counts() {
        assert!(covers("         0          0 4294967295", NOBODY));
        assert!(covers("0 100000 65536", NOBODY));
        assert!(!covers("0 1000 1", NOBODY));
        assert!(covers("65534 5 1", NOBODY));
        assert!(!covers("", NOBODY) && !covers("a b c", NOBODY));
    }
}
